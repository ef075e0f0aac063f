"""How many names the pseudonymiser finds, and what it touches that is none.

Data: `data/names_200.jsonl`, 100 made-up answers of Flemish municipalities with names,
telephone numbers, mail and street addresses and national numbers, and 100 without, with traps
(written by hand before the finder was tuned, by the same author); CoNLL-2002 Dutch, person
names (De Morgen, 2000; measure only), gold tokens joined by spaces, one article a text.
Baselines in the same run: the list of names alone (every capitalised word of the list), and
`deduce` 3 where it is installed. Recall: all characters of a name are masked; "exact": and no
more. Precision: the share of hits that overlap a gold one of their kind. Nothing is random.

    python benchmarks/pseudonyms.py [--test]     (--test: CoNLL's ned.testb instead of testa)
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from opentekst.language.names import fold, lexicon, words
from opentekst.language.pseudonyms import LABELS, Hit, find, find_all

HERE = Path(__file__).parent
CONLL = HERE.parent.parent / "shared" / "data" / "conll2002_nl"
SPEED_TEXTS = 10_000

Finder = Callable[[str], list[Hit]]
Text = tuple[str, list[Hit]]


class Score(NamedTuple):
    """Counts over a set of texts."""

    gold: int
    covered: int
    exact: int
    hits: int
    right: int

    @property
    def recall(self) -> float:
        """The share of gold stretches of which every character is masked."""
        return self.covered / self.gold if self.gold else 0.0

    @property
    def precision(self) -> float:
        """The share of hits that overlap a gold stretch of their kind."""
        return self.right / self.hits if self.hits else 0.0


def hand_made() -> list[Text]:
    """Return the 200 made-up answers with their gold stretches."""
    lines = (HERE / "data" / "names_200.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (row["text"], [Hit(s["start"], s["end"], s["kind"]) for s in row["spans"]]) for row in rows
    ]


def conll(path: Path) -> Iterator[Text]:
    """Yield CoNLL-2002's articles, a sentence a line, with their persons."""
    text = ""
    persons: list[Hit] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split()
        if not cells:
            text = f"{text.rstrip(' ')}\n"
        elif cells[0] == "-DOCSTART-":
            if text.strip():
                yield text, persons
            text, persons = "", []
        else:
            start = len(text)
            text += cells[0]
            if cells[-1] == "B-PER":
                persons.append(Hit(start, len(text), "name"))
            elif cells[-1] == "I-PER":
                persons[-1] = persons[-1]._replace(end=len(text))
            text += " "
    if text.strip():
        yield text, persons


def score(texts: Iterable[Text], finder: Finder, kind: str) -> Score:
    """Return how well a finder does on one kind."""
    total = Score(0, 0, 0, 0, 0)
    for text, every in texts:
        gold = [hit for hit in every if hit.kind == kind]
        found = finder(text)
        masked = {at for hit in found for at in range(hit.start, hit.end)}
        mine = [hit for hit in found if hit.kind == kind]
        covered = [
            all(at in masked or text[at].isspace() for at in range(hit.start, hit.end))
            for hit in gold
        ]
        right = [any(h.start < g.end and g.start < h.end for g in gold) for h in mine]
        one = Score(len(gold), sum(covered), len(set(gold) & set(mine)), len(mine), sum(right))
        total = Score(*map(sum, zip(total, one, strict=True)))
    return total


def touched(texts: Iterable[Text], finder: Finder) -> int:
    """Return how many texts without anything to mask are changed all the same."""
    return sum(bool(finder(text)) for text, gold in texts if not gold)


def list_only(text: str) -> list[Hit]:
    """The simplest baseline: capitalised words of the list, neighbours joined."""
    names = lexicon()
    known = names.first | names.last | names.first_far | names.last_far
    hits: list[Hit] = []
    for word in words(text):
        if not (word.is_name_like and fold(word.text) in known):
            continue
        if hits and text[hits[-1].end : word.start] == " ":
            hits[-1] = hits[-1]._replace(end=word.end)
        else:
            hits.append(Hit(word.start, word.end, "name"))
    return hits


DEDUCE_KINDS = {
    "persoon": "name",
    "patient": "name",
    "telefoonnummer": "phone",
    "emailadres": "email",
    "locatie": "address",
    "bsn": "national_number",
    "id": "national_number",
}


def deduce_finder() -> Finder | None:
    """Return deduce as a finder, or None where it is not installed."""
    try:
        from deduce import Deduce
    except ImportError:
        return None
    engine = Deduce()

    def finder(text: str) -> list[Hit]:
        found = engine.deidentify(text).annotations
        return sorted(Hit(a.start_char, a.end_char, DEDUCE_KINDS.get(a.tag, a.tag)) for a in found)

    return finder


def speed(texts: Sequence[Text]) -> float:
    """Return the seconds that SPEED_TEXTS distinct short answers take, models loaded."""
    find("Jan Peeters, Kerkstraat 4, 0478 12 34 56, of Zork")
    answers = [f"{texts[at % len(texts)][0]} ({at})" for at in range(SPEED_TEXTS)]
    started = time.perf_counter()
    find_all(answers)
    return time.perf_counter() - started


def measure(test: bool = False, folder: Path = CONLL) -> dict[str, float]:
    """Return all figures, flat; CoNLL's are absent where its files are."""
    hand = hand_made()
    figures: dict[str, float] = {}
    for kind in LABELS:
        result = score(hand, find, kind)
        figures[f"hand_{kind}_recall"] = round(result.recall, 4)
        figures[f"hand_{kind}_exact"] = round(result.exact / result.gold, 4)
        figures[f"hand_{kind}_precision"] = round(result.precision, 4)
    figures["hand_clean_touched"] = touched(hand, find)
    finders: dict[str, Finder] = {"list": list_only}
    if (other := deduce_finder()) is not None:
        finders["deduce"] = other
    for name, finder in finders.items():
        result = score(hand, finder, "name")
        figures[f"hand_name_recall_{name}"] = round(result.recall, 4)
        figures[f"hand_name_precision_{name}"] = round(result.precision, 4)
        figures[f"hand_clean_touched_{name}"] = touched(hand, finder)
    path = folder / ("ned.testb" if test else "ned.testa")
    if path.exists():
        articles = list(conll(path))
        for name, finder in {"": find, **finders}.items():
            result = score(articles, finder, "name")
            end = f"_{name}" if name else ""
            figures[f"conll_recall{end}"] = round(result.recall, 4)
            figures[f"conll_exact{end}"] = round(result.exact / result.gold, 4)
            figures[f"conll_precision{end}"] = round(result.precision, 4)
    figures["seconds_10000"] = round(speed(hand), 2)
    return figures


def main() -> None:
    """Print a table for people and, last, one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="CoNLL's ned.testb")
    parser.add_argument("--conll", type=Path, default=CONLL, help="the folder of CoNLL-2002")
    options = parser.parse_args()
    figures = measure(options.test, options.conll)
    for name, value in figures.items():
        print(f"{name:36}{value:>10}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
