"""opentekst: codes Dutch open survey answers, from export to frequency tables."""

from opentekst.codebook import Code, Codebook

__version__ = "0.1.0"
__all__ = ["Code", "Codebook", "__version__"]
