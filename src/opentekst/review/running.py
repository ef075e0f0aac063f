"""The Label Studio that works in a folder, found and stopped from any window."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from opentekst.errors import ReviewError
from opentekst.review.access import read_account

STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Running:
    """A Label Studio at work: its process and its address."""

    pid: int
    url: str


def remember(data_dir: Path, found: Running) -> None:
    """Note which process works in a folder."""
    _file(data_dir).write_text(f"{found.pid} {found.url}", encoding="utf-8")


def forget(data_dir: Path) -> None:
    """Drop that note; harmless where there is none."""
    _file(data_dir).unlink(missing_ok=True)


def at_work(data_dir: Path) -> Running | None:
    """Return the Label Studio that works in a folder, None where it does not run.

    A process that only got the number of one that ended does not count.
    """
    data_dir = data_dir.resolve()
    try:
        number, url = _file(data_dir).read_text(encoding="utf-8").split()
        noted = Running(int(number), url)
    except (OSError, ValueError):
        return None
    return noted if _is_label_studio(noted.pid, data_dir) else None


def running(data_dir: str | Path) -> tuple[str, str] | None:
    """Return address and api key of the Label Studio in a folder, where it answers.

    Raises ReviewError where the file with the key is damaged.
    """
    data_dir = Path(data_dir)
    found = at_work(data_dir)
    if found is None or not answers(found.url):
        return None
    key = str(read_account(data_dir).get("api_key", ""))
    return (found.url, key) if key else None


def answers(url: str) -> bool:
    """Tell whether a Label Studio on this machine answers."""
    import httpx

    try:
        return httpx.get(f"{url}/health", trust_env=False, timeout=5).is_success
    except httpx.TransportError:
        return False


def stop(data_dir: str | Path) -> Running | None:
    """End the Label Studio of a folder and wait for it; None where it does not run.

    Raises ReviewError where it belongs to another user.
    """
    data_dir = Path(data_dir).resolve()
    found = at_work(data_dir)
    if found is None:
        return None
    try:
        os.kill(found.pid, signal.SIGTERM)
        if not _gone(found.pid, data_dir):
            os.kill(found.pid, signal.SIGKILL)
            _gone(found.pid, data_dir)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise ReviewError(
            "deze Label Studio werd door een andere gebruiker gestart",
            place=str(data_dir),
            found=f"proces {found.pid}",
            remedy="Vraag die gebruiker om hem te stoppen.",
        ) from None
    forget(data_dir)
    return found


def _gone(pid: int, data_dir: Path) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while _is_label_studio(pid, data_dir):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_label_studio(pid: int, data_dir: Path) -> bool:
    """Tell whether a process is a Label Studio that was started for this very folder."""
    command = _command(pid)
    return "label-studio" in command and command.endswith(f"--data-dir {data_dir}")


def _command(pid: int) -> str:
    """Return a process's command line; empty where it ended."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0")
        except OSError:
            return ""
        return os.fsdecode(words.replace(b"\0", b" "))
    listed = subprocess.run(  # macOS has no /proc
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return os.fsdecode(listed.stdout).rstrip("\n")


def _file(data_dir: Path) -> Path:
    return data_dir / "running"
