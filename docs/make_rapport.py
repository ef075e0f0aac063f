"""Make the pictures of docs/rapport.md: the example's report on a desk, a telephone and paper.

Needs a run of the example (opentekst run, opentekst report) and Chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "results" / "report" / "rapport.html"
OUT = ROOT / "docs" / "img"
COLOURS = 96


def small(png: bytes, target: Path) -> None:
    """Write a picture with few colours, which a page of text and flat areas needs not more."""
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
    image.save(target, optimize=True)


def main(out: Path) -> None:
    """Take the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        desk = browser.new_page(viewport={"width": 1280, "height": 900})
        desk.goto(PAGE.as_uri())
        small(desk.screenshot(), out / "rapport.png")
        desk.locator("#kaart").scroll_into_view_if_needed()
        desk.evaluate("document.getElementById('kaart').scrollIntoView()")
        small(desk.screenshot(), out / "rapport-kaart.png")
        desk.fill("#search", "vrijwilligers")
        desk.evaluate("document.getElementById('antwoorden').scrollIntoView()")
        small(desk.screenshot(), out / "rapport-antwoorden.png")
        phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
        phone.goto(PAGE.as_uri())
        small(phone.screenshot(), out / "rapport-telefoon.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
