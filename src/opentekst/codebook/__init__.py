"""Codebooks: read, checked, changed step by step, and read again through those steps."""

from opentekst.codebook.codebook import Code, Codebook
from opentekst.codebook.history import History
from opentekst.codebook.resolving import Chain

__all__ = ["Chain", "Code", "Codebook", "History"]
