"""Send a digest by e-mail or to a web hook, when somebody has configured where to.

Nothing is sent unless `notify` stands in survey.toml or NAMCHA_NOTIFY in the environment: addresses
as the library Apprise has them (mailto://, json://, ...), with blanks or commas between. They may
hold passwords, so no message of ours repeats them.
"""

import logging
import os
import re
import warnings
from collections.abc import Sequence
from typing import Any

from species_db.alerts.digest import Digest
from species_db.language import tr
from species_db.survey import SurveySettings

VARIABLE = "NAMCHA_NOTIFY"


class NotifyError(Exception):
    """A digest could not be sent: nowhere to send it to, a wrong address, or no answer."""


def addresses(settings: SurveySettings) -> list[str]:
    """Where digests go: what the environment says, else survey.toml; empty when neither does."""
    told = os.environ.get(VARIABLE, "") or settings.notify
    return [one for one in re.split(r"[\s,]+(?=\w+://)|\s+", told.strip().rstrip(",")) if one]


def send_digest(digest: Digest, settings: SurveySettings) -> int:
    """Send a digest to every configured address; tell to how many.

    Raises:
        NotifyError: no address is configured, one cannot be read, or one did not take it.
    """
    wanted = addresses(settings)
    if not wanted:
        raise NotifyError(
            tr(
                'No address to send to. Put notify = "mailto://..." into survey.toml, or set '
                f"{VARIABLE}; or write the digest to a file with --out.",
                '未配置发送地址。请在 survey.toml 中填写 notify = "mailto://...",或设置 '
                f"{VARIABLE};也可用 --out 写入文件。",
            )
        )
    target = _target(wanted)
    body = "\n".join(digest.lines) or digest.heading
    if not target.notify(title=digest.heading, body=body, body_format="text"):
        raise NotifyError(
            tr(
                "At least one address did not take the digest. Check network and addresses, then "
                "send it again.",
                "至少有一个地址未能接收摘要。请检查网络与地址后重新发送。",
            )
        )
    return len(wanted)


def _target(wanted: Sequence[str]) -> Any:
    """Apprise with every address added; what it loads may warn of its own age."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines tell addresses
        target = apprise.Apprise()
        for at, address in enumerate(wanted, start=1):
            if not target.add(address):
                raise _unreadable(at, address.split(":", 1)[0])
    return target


def _unreadable(at: int, scheme: str) -> NotifyError:
    return NotifyError(
        tr(
            f"Address {at} ({scheme}://...) cannot be read. Write it as Apprise has it.",
            f"第 {at} 个地址({scheme}://...)无法识别。请按 Apprise 的格式填写。",
        )
    )
