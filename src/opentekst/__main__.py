"""`python -m opentekst` is the `opentekst` command."""

from opentekst.cli import app

app(prog_name="opentekst")
