"""Codebooks: the list of codes with definitions, read from YAML and checked."""

from opentekst.codebook.codebook import Code, Codebook

__all__ = ["Code", "Codebook"]
