"""opentekst: codes Dutch open survey answers, from export to frequency tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentekst.codebook import Code, Codebook

if TYPE_CHECKING:
    from opentekst.notebook import Study

__version__ = "0.1.0"
__all__ = ["Code", "Codebook", "Study", "__version__"]


def __getattr__(name: str) -> Any:
    """Import `Study` when it is asked for: the command must start fast and needs no frames."""
    if name == "Study":
        from opentekst.notebook import Study

        return Study
    raise AttributeError(f"module 'opentekst' has no attribute {name!r}")
