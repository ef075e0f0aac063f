"""Room 3, code: rules, zero-shot and learned coders; topics for what the codebook misses."""

from opentekst.coding.coder import code_answers
from opentekst.coding.topics import propose

__all__ = ["code_answers", "propose"]
