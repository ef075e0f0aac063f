"""Room 3, code: a coder that people teach, what it leaves to them, what the codebook misses."""

from opentekst.coding.autocoder import AutoCoder
from opentekst.coding.forced import Rule
from opentekst.coding.topics import propose
from opentekst.coding.triage import Point, Triaged

__all__ = ["AutoCoder", "Point", "Rule", "Triaged", "propose"]
