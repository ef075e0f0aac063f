"""The command line: each command parses, calls one function and prints."""

from opentekst.cli.main import app

__all__ = ["app"]
