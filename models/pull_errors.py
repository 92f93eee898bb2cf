"""What a person reads when weights could not be fetched: why, and what to do instead."""

import errno
import socket
import urllib.error
from pathlib import Path
from urllib.parse import urlsplit

from models.engines import WeightsError
from models.registry import Entry


class PullError(WeightsError):
    """Weights could not be fetched, or are not what their publisher offers."""


def without_checksum(entry: Entry) -> PullError:
    """Nothing vouches for the file."""
    return PullError(
        f"The publisher of {entry.name} gives no checksum, so nothing can tell a damaged or "
        f"exchanged file from the right one. Read {entry.page}; to take the first download as "
        "it comes and write its sha256 down, add --trust-first.",
        f"{entry.name} 的发布者未提供校验值，无法判断文件是否损坏或被调换。"
        f"请先查看 {entry.page}；若愿意信任首次下载并记录其 sha256，请加 --trust-first。",
    )


def wrong_sum(entry: Entry, found: str, told: str, aside: Path) -> PullError:
    """What came is not what its publisher, or an earlier download, says it is."""
    return PullError(
        f"What came for {entry.name} has {found}, but {told} was expected: it is "
        f"damaged, or not the file of {entry.page}. It is not used; it lies aside as {aside}. "
        "Pull again, or fetch it elsewhere and use --from-file.",
        f"{entry.name} 下载内容的校验值为 {found}，应为 {told}："
        f"文件已损坏，或并非 {entry.page} 所发布的文件。该文件不会被使用，已另存为 {aside}。"
        "请重新下载，或从别处取得后使用 --from-file。",
    )


def megabytes(count: int) -> str:
    """Say a size in megabytes."""
    return f"{count / 1e6:.0f} MB"


def _by_stick(entry: Entry) -> tuple[str, str]:
    command = f"namcha models pull {entry.name} --from-file"
    return (
        f"On a computer with a network, open {entry.source} and save the file, carry it here on a "
        f"USB stick, and run '{command} <path of the file>'.",
        f"可在有网络的电脑上打开 {entry.source} 保存文件，用 U 盘带到本机，"
        f"再运行 {command} <文件路径>。",
    )


def offline(entry: Entry, problem: Exception) -> PullError:
    """The publisher's host does not answer at all."""
    host, (en, zh) = urlsplit(entry.source).hostname, _by_stick(entry)
    why, why_zh = _reason(problem)
    return PullError(
        f"{host} cannot be reached from here ({why}): no network, or the way is blocked. "
        f"Detection needs none: the shipped weights work as before. {en}",
        f"无法连接 {host}（{why_zh}）：本机没有网络，或访问被阻断。"
        f"检测不需要网络：自带权重可照常使用。{zh}",
    )


def refused(entry: Entry, refusal: urllib.error.HTTPError) -> PullError:
    """The publisher's host answers, but not with the file."""
    en, zh = _by_stick(entry)
    return PullError(
        f"{urlsplit(entry.source).hostname} answered {refusal.code} {refusal.reason} for "
        f"{entry.source}. The file may have moved: see {entry.page}. {en}",
        f"{urlsplit(entry.source).hostname} 对 {entry.source} "
        f"返回 {refusal.code} {refusal.reason}。"
        f"文件可能已移动，请查看 {entry.page}。{zh}",
    )


def broken(entry: Entry, part: Path, problem: Exception) -> PullError:
    """The line broke in the middle and stays broken."""
    size = megabytes(part.stat().st_size)
    en, zh = _by_stick(entry)
    return PullError(
        f"The line to {urlsplit(entry.source).hostname} broke and stays broken ({problem}). The "
        f"{size} that came are kept: run the same command again to go on from there. {en}",
        f"与 {urlsplit(entry.source).hostname} 的连接中断且未能恢复（{problem}）。"
        f"已下载的 {size} 已保留：再次运行同一命令即可续传。{zh}",
    )


def unwritable(home: Path, problem: OSError) -> PullError:
    """The disk is full or the folder is closed."""
    if problem.errno == errno.ENOSPC:
        return PullError(
            f"The disk of {home} is full: {problem.strerror}. Free space, or name another folder "
            "with NAMCHA_MODELS, then run the same command again: what came is kept.",
            f"{home} 所在磁盘空间不足：{problem.strerror}。请腾出空间，"
            "或用 NAMCHA_MODELS 指定其他文件夹，再运行同一命令：已下载部分会保留。",
        )
    return PullError(
        f"The folder {home} cannot be written: {problem.strerror or problem}. Mend its "
        "permissions, or name another folder with NAMCHA_MODELS.",
        f"无法写入文件夹 {home}：{problem.strerror or problem}。"
        "请检查权限，或用 NAMCHA_MODELS 指定其他文件夹。",
    )


def _reason(problem: Exception) -> tuple[str, str]:
    """Why a host did not answer, in words that tell a person what to look at."""
    reason = getattr(problem, "reason", problem)
    if isinstance(reason, socket.gaierror):
        return "its name is not found", "找不到该主机名"
    if isinstance(reason, TimeoutError):
        return "no answer in time", "未在限定时间内应答"
    if isinstance(reason, ConnectionRefusedError):
        return "the connection is refused", "连接被拒绝"
    return str(reason), str(reason)
