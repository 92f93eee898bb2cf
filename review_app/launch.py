"""Starting the review page on this computer, for this computer only."""

import os
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

from species_db.language import tr
from species_db.survey import open_survey

ADDRESS = "127.0.0.1"
HOSTS = (ADDRESS, "localhost")  # the only names under which the page answers
PORTS_TRIED = 20
START_S = 90.0  # the first start on a slow disk reads all of Streamlit
LOOK = {  # Streamlit's own widgets match the screen
    "base": "dark",
    "primaryColor": "#6fae8f",
    "backgroundColor": "#16181b",
    "secondaryBackgroundColor": "#1e2125",
    "textColor": "#e6e4df",
    "font": '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
}


class LaunchError(Exception):
    """The review page could not be started."""


def launch(
    survey_folder: Path,
    *,
    say: Callable[[str], None],
    port: int = 8501,
    person: str | None = None,
    open_browser: bool = True,
) -> int:
    """Show the review page of a survey until Ctrl-C; return the exit code of the server.

    Raises:
        SurveyError: there is no survey in the folder.
        LaunchError: no port is free, or the server did not start.
    """
    open_survey(survey_folder).close()  # says what is wrong here, not in the browser
    port = free_port(port)
    url = f"http://{ADDRESS}:{port}"
    server = subprocess.Popen(
        command(port), env=environment(survey_folder, person), stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(server, port)
        say(
            tr(
                f"Review page: {url}   (Ctrl-C ends it)",
                f"审核页面：{url}   （按 Ctrl-C 结束）",
            )
        )
        if open_browser:
            webbrowser.open(url)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(server)


def command(port: int) -> list[str]:
    """The command that serves the page: this computer only, no statistics, no questions.

    `-P` keeps a folder named like one of our packages in the working directory from hiding it.
    What protects the survey from other pages in the browser is pinned here, so that no settings
    file of Streamlit in that directory or at home can open it.
    """
    options = {
        "server.address": ADDRESS,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": "false",
        "server.enableStaticServing": "false",
        "server.enableCORS": "true",
        "server.corsAllowedOrigins": f"http://{ADDRESS}:{port}",
        "server.enableXsrfProtection": "true",
        "server.enableAgentApi": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "logger.level": "error",
    } | {f"theme.{name}": value for name, value in LOOK.items()}
    given = [*options.items(), *(("server.allowedHosts", name) for name in HOSTS)]
    arguments = [part for name, value in given for part in (f"--{name}", value)]
    page = Path(__file__).with_name("app.py")
    return [sys.executable, "-P", "-m", "streamlit", "run", str(page), *arguments]


def environment(survey_folder: Path, person: str | None) -> dict[str, str]:
    """What the server is told besides its command: whose survey, and who reviews."""
    told = os.environ | {"NAMCHA_SURVEY": str(survey_folder.resolve())}
    return told | {"NAMCHA_PERSON": person} if person else told


def free_port(wanted: int) -> int:
    """Find a port nobody listens on, the wanted one if possible.

    Raises:
        LaunchError: that port and those after it are all in use.
    """
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket() as trial:
            # As the server will bind: a port whose last user has just gone is free.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
            try:
                trial.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise LaunchError(
        tr(
            f"No free port from {wanted} to {wanted + PORTS_TRIED - 1} on this computer. Close "
            "another review page, or choose a port with --port.",
            f"本机 {wanted} 至 {wanted + PORTS_TRIED - 1} 没有空闲端口。"
            "请关闭其他审核页面，或用 --port 指定端口。",
        )
    )


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as trial:
            trial.settimeout(1)
            if trial.connect_ex((ADDRESS, port)) == 0:
                return
        time.sleep(0.1)
    raise LaunchError(
        tr(
            f"The review page did not start on port {port} (see the lines above). Try another "
            "port with --port.",
            f"审核页面未能在端口 {port} 启动（见上方信息）。请用 --port 换一个端口。",
        )
    )


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
