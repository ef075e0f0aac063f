"""How fast the report opens and searches in a browser, with 5,000 answers.

    python benchmarks/report_page.py [--study .] [--answers 5000] [--runs 5]

Data: the report of a study that has been run (the example), its answers repeated with a number
behind them until there are `--answers`. Measured in headless Chromium, from the file: until the
page is complete (its script has run), and how long one keystroke of a search takes, layout
included. Baseline: the same page without paging, so that every answer found stands in the page
at once. Each run opens the page anew; medians over runs, and the slowest keystroke of all.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from opentekst.pipeline import reporting
from opentekst.results.report import Report, to_page
from opentekst.study import Study

console = Console(width=110)
WORDS = ("vrijwilligers", "meer personeel", "samenwerking met partners")
TYPE = """async (word) => {
  const field = document.getElementById("search");
  const taken = [];
  for (let n = 1; n <= word.length; n += 1) {
    const before = performance.now();
    field.value = word.slice(0, n);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    taken.push(performance.now() - before);
    await new Promise((done) => setTimeout(done));
  }
  return taken;
}"""


def repeated(report: Report, count: int) -> Report:
    """Return the report with its answers repeated, each with a number of its own."""
    kept = report.answers
    answers = [
        replace(one, text=f"{one.text} {at}" if at >= len(kept) else one.text)
        for at, one in ((at, kept[at % len(kept)]) for at in range(count))
    ]
    return replace(report, answers=tuple(answers))


def without_paging(page: str) -> str:
    """Return the page with a list that shows all at once, and the policy that allows it."""
    script = re.findall(r"<script>(.*?)</script>", page, re.S)[-1]
    changed = script.replace("PER_PAGE = 25", "PER_PAGE = 1e9")
    assert changed != script
    old, new = (
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
        for one in (script, changed)
    )
    return page.replace(script, changed).replace(old, new)


def measured(browser: Any, file: Path, runs: int) -> tuple[list[float], list[float]]:
    """Return milliseconds to open the page, and of each keystroke."""
    opened: list[float] = []
    typed: list[float] = []
    for _ in range(runs):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.as_uri())
        entry = "performance.getEntriesByType('navigation')[0].domComplete"
        opened.append(page.evaluate(entry))
        for word in WORDS:
            typed += page.evaluate(TYPE, word)
        page.close()
    return opened, typed


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--study", default=".")
    parser.add_argument("--answers", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    report = repeated(reporting.assembled(Study.open(options.study), "internal"), options.answers)
    page = to_page(report).decode()
    figures: dict[str, Any] = {
        "benchmark": "report", "answers": options.answers, "runs": options.runs,
        "bytes": len(page.encode()),
    }  # fmt: skip
    table = Table(title=f"{options.answers} antwoorden, {options.runs} keer geopend")
    for head in ("", "openen (ms)", "toets, mediaan (ms)", "toets, traagste (ms)"):
        table.add_column(head, justify="left" if not head else "right")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, text in (("paged", page), ("plain", without_paging(page))):
            file = Path(folder) / f"{name}.html"
            file.write_text(text, "utf-8")
            opened, typed = measured(browser, file, options.runs)
            found = {
                "open_ms": median(opened), "key_ms": median(typed), "key_slowest_ms": max(typed)
            }  # fmt: skip
            figures |= {f"{name}_{key}": round(value, 1) for key, value in found.items()}
            table.add_row(name, *(f"{value:.1f}" for value in found.values()))
        browser.close()
    console.print(table)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
