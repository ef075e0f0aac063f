"""Progress bars: in a terminal by rich, in a notebook as HTML that is updated in place.

Rich's own bar asks ipywidgets of a notebook; an HTML `progress` element needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from rich.console import Console

_STEPS = 100
"""A notebook's bar is drawn at most so many times: each drawing is a message to the browser."""


def in_notebook() -> bool:
    """Tell whether this program runs in a notebook's kernel."""
    shell = _shell()
    return shell is not None and getattr(shell, "kernel", None) is not None


def _shell() -> Any:
    import sys

    ipython = sys.modules.get("IPython")  # who runs in a kernel has imported it
    return ipython.get_ipython() if ipython else None


@contextmanager
def terminal(console: Console, title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar while work goes on; it vanishes when done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda steps: progress.advance(task, steps)


@contextmanager
def notebook(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar under the cell that runs; it vanishes when done."""
    from IPython import display as ipython

    show: Any = ipython  # its types are not declared

    def drawn(done: int) -> Any:
        return show.HTML(
            f"<label>{escape(title)} <progress value='{done}' max='{max(total, 1)}'></progress>"
            f" {done}/{total}</label>"
        )

    handle = show.display(drawn(0), display_id=True)
    done = shown = 0

    def step(steps: int) -> None:
        nonlocal done, shown
        done += steps
        if (done - shown) * _STEPS >= total:
            shown = done
            handle.update(drawn(done))

    try:
        yield step
    finally:
        handle.update(show.HTML(""))
