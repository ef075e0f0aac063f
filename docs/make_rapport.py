"""Make the pictures of docs/rapport.md: the example's report on a desk, a telephone and paper.

Needs a run of the example (opentekst run, opentekst report), Chromium and pdftoppm.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "results" / "report" / "rapport.html"
OUT = ROOT / "docs" / "img"
COLOURS = 64
SHEETS = (1, 6, 7)
"""Pages of the print to show."""


def keep(image: Image.Image, name: str) -> None:
    """Write a picture with few colours: text and flat areas need no more."""
    image.convert("RGB").quantize(COLOURS).save(OUT / name, optimize=True)


def shot(page: Any, name: str) -> None:
    """Take a picture of what the browser shows."""
    keep(Image.open(io.BytesIO(page.screenshot())), name)


def beside(images: list[Image.Image], gap: int = 12) -> Image.Image:
    """Return pictures side by side on grey."""
    width = sum(image.width for image in images) + gap * (len(images) + 1)
    whole = Image.new("RGB", (width, images[0].height + 2 * gap), "#8795a1")
    left = gap
    for image in images:
        whole.paste(image, (left, gap))
        left += image.width + gap
    return whole


def printed(page: Any) -> Image.Image:
    """Return some pages as they come out of the printer."""
    program = shutil.which("pdftoppm") or ""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "rapport.pdf"
        page.pdf(path=str(pdf), prefer_css_page_size=True)
        sheets = []
        for number in SHEETS:
            stem = Path(folder) / f"blad{number}"
            ends = ["-f", str(number), "-l", str(number)]
            command = [program, "-r", "60", "-png", "-singlefile", *ends, str(pdf), str(stem)]
            subprocess.run(command, check=True)
            sheets.append(Image.open(stem.with_suffix(".png")).convert("RGB"))
        return beside(sheets)


def main() -> None:
    """Take the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        desk = browser.new_page(viewport={"width": 1280, "height": 860})
        desk.goto(PAGE.as_uri())
        shot(desk, "rapport.png")
        keep(printed(desk), "rapport-druk.png")
        desk.evaluate("document.getElementById('kaart').scrollIntoView()")
        shot(desk, "rapport-kaart.png")
        desk.select_option("#province", label="Antwerpen")
        desk.fill("#search", "vrijwilligers")
        desk.evaluate("document.getElementById('antwoorden').scrollIntoView()")
        shot(desk, "rapport-antwoorden.png")
        phone = browser.new_page(viewport={"width": 390, "height": 760})
        phone.goto(PAGE.as_uri())
        parts = []
        for place in ("samenvatting", "kaart", "tabel-0"):
            phone.evaluate(f"document.getElementById('{place}').scrollIntoView()")
            parts.append(Image.open(io.BytesIO(phone.screenshot())).convert("RGB"))
        keep(beside(parts), "rapport-telefoon.png")
        browser.close()


if __name__ == "__main__":
    main()
