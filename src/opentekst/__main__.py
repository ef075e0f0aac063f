"""`python -m opentekst` is the `opentekst` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; stopped by the person before it began, it ends as quietly as later on."""
    try:
        from opentekst.cli import app

        app(prog_name="opentekst")
    except KeyboardInterrupt:
        print("Onderbroken voor er iets gedaan was.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
