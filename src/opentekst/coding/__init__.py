"""Room 3, code: a coder that people teach, what it leaves to them, what the codebook misses."""

from opentekst.coding.autocoder import AutoCoder
from opentekst.coding.forced import Rule
from opentekst.coding.topics import Topics, find_topics
from opentekst.coding.triage import Point, Triaged

__all__ = [
    "AutoCoder",
    "Point",
    "Rule",
    "Topics",
    "Triaged",
    "find_topics",
]
