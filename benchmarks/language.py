"""How good and how fast is the Dutch: the pipeline, the pseudonyms, the normalising.

    python benchmarks/language.py [--samples 30]

Data: the parts of UD_Dutch-LassySmall and UD_Dutch-Alpino that training kept aside
(training/heldout.txt), gold tokens; CoNLL-2002 Dutch, ned.testb, and a hand-made set for names;
the 13,902 open answers of the VU Election Study 2021 (VU Amsterdam, MIT). All but the hand-made
set are in ../shared. Baselines in the same run: spaCy's blank Dutch pipeline with simplemma's
lemmas, and nl_core_news_sm where it is installed (it was trained on these treebanks, so its
figures flatter); for names, the list of names alone. Only the samples shown are drawn (seed 0).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from normalise import real_answers, shares
from opentekst.language import resolve
from opentekst.language.pipelines import SHIPPED, load
from pseudonyms import measure

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "training"))
from evaluate import baseline, heldout_ids, scores  # noqa: E402

if TYPE_CHECKING:
    from spacy.language import Language

TREEBANKS = ROOT.parent / "shared" / "data" / "ud_nl"
FILES = {"LassySmall": "lassy-test.conllu", "Alpino": "alpino-test.conllu"}
LAYERS = ("tag", "upos", "lemma", "uas", "las", "sents_f", "sents_f_paragraph")
SEED = 0
console = Console(width=110)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=30, help="answers to show of each kind")
    options = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "language", "seed": SEED}
    figures |= pipelines()
    figures |= names()
    figures |= answers(options.samples)
    print(json.dumps(figures, ensure_ascii=False))


def pipelines() -> dict[str, float | None]:
    """Print and return the scores of each pipeline on the kept-aside sentences."""
    figures: dict[str, float | None] = {}
    kept = heldout_ids()
    for title, file in FILES.items():
        table = Table("pipeline", *LAYERS, "words/s", title=f"{title}, kept aside, gold tokens")
        for name, nlp in candidates().items():
            found = scores(nlp, TREEBANKS / file, kept)
            speed = found["words_per_second"] or 0
            table.add_row(name, *(_percent(found[layer]) for layer in LAYERS), f"{speed:,.0f}")
            figures |= {
                f"{name}_{title.lower()}_{layer}": value
                for layer, value in found.items()
                if layer in (*LAYERS, "words_per_second")
            }
        console.print(table)
    return figures


def candidates() -> dict[str, Language]:
    """Return the pipelines that can be measured here."""
    found = {SHIPPED: load(SHIPPED), "simplemma": baseline()}
    try:
        metadata.version("nl_core_news_sm")
    except metadata.PackageNotFoundError:
        return found
    return found | {"nl_core_news_sm": load("nl_core_news_sm")}


def names() -> dict[str, float]:
    """Print and return how well names are found, on newspaper text and on answers."""
    figures = measure(test=True)
    table = Table("names", "", title="Pseudonyms (CoNLL-2002 ned.testb; hand-made answers)")
    for name, value in figures.items():
        table.add_row(name, f"{value:g}")
    console.print(table)
    return {f"names_{name}": value for name, value in figures.items()}


def answers(samples: int) -> dict[str, float]:
    """Print what normalising says of real answers, with some of each to read."""
    real = real_answers()
    flagged = shares(real, resolve(SHIPPED))
    table = Table("flag", "answers", "share", title=f"{len(real)} answers of the VU Election Study")
    for flag, texts in flagged.items():
        table.add_row(flag, str(len(texts)), f"{len(texts) / len(real):.2%}")
    console.print(table)
    for flag, texts in flagged.items():
        console.print(f"\n[bold]{flag}[/]")
        for text in random.Random(SEED).sample(texts, min(samples, len(texts))):
            console.print(f"  {text}", markup=False)
    return {f"answers_{flag}": round(len(texts) / len(real), 4) for flag, texts in flagged.items()}


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


if __name__ == "__main__":
    main()
