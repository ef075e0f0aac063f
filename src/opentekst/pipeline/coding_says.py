"""What coding says to survey people: by whom, how well, what is left, and what would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from opentekst.coding import Point
from opentekst.coding.coder import COMBINED, Coded, Verdict
from opentekst.coding.consistency import Twins
from opentekst.coding.triage import MIN_CHECKED, curve
from opentekst.model import Answer, Coding, Normalised
from opentekst.pipeline.sayings import as_csv, number, share
from opentekst.study import Study

FEW = 10
SHOWN = 10
"""A code with fewer coded answers than this is learned poorly, and a question with fewer has no
curve to show."""


def coding_lines(
    study: Study,
    answers: Sequence[Answer],
    normalised: Mapping[str, Normalised],
    codings: Sequence[Coding],
    verdicts: Sequence[Verdict],
    settled: Mapping[str, frozenset[str]],
    coded: Mapping[str, Coded],
    twins: Sequence[Twins],
    samples: Mapping[str, Collection[str]],
) -> tuple[list[str], dict[str, Any]]:
    """Say per question who coded what, what is left for people, and how good the machine is.

    `samples` holds the blind sample of each question that has one: only that tells how good
    the machine is, for people who see a suggestion follow it and code what was in doubt.
    """
    by_answer = {verdict.answer: verdict for verdict in verdicts}
    lines: list[str] = []
    data: dict[str, Any] = {}
    for question in study.open_questions:
        ids = [a.id for a in answers if a.question == question.id]
        sample = samples.get(question.id)
        figures = _figures(ids, normalised, by_answer, settled, sample)
        data[question.id] = figures
        lines.append(_line(question.id, figures))
    for name in study.codebooks:
        lines += _advice(study, name, codings, answers, settled, coded[name])
    if twins:
        same = sum(pair.likeness == 1 for pair in twins)
        lines.append(
            f"{len(twins)} keer kregen (bijna) gelijke teksten van mensen andere codes, waarvan"
            f" {same} keer letterlijk dezelfde: zie results/coding/verschillend_gecodeerd.csv"
        )
    waiting = sum(one["left_for_review"] for one in data.values())
    counted = study.file.coding.unreviewed == "count"
    lines.append(
        f"{number(waiting)} antwoorden wachten op een mens;"
        + (
            " hun voorlopige codes tellen mee (coding: unreviewed: count in study.yaml)"
            if counted
            else " tot dan tellen ze in geen tabel mee"
        )
    )
    lines.append(
        "Hoe goed de machine is naarmate ze meer zelf beslist: results/coding/productie.svg"
    )
    lines.append("Nakijken in Label Studio: opentekst review push")
    return lines, data


def _figures(
    ids: Sequence[str],
    normalised: Mapping[str, Normalised],
    verdicts: Mapping[str, Verdict],
    settled: Mapping[str, frozenset[str]],
    sample: Collection[str] | None,
) -> dict[str, Any]:
    automatic = [verdicts[i] for i in ids if i in verdicts and verdicts[i].automatic]
    asked = ids if sample is None else [i for i in ids if i in sample]
    checked = [verdicts[i] for i in asked if i in verdicts and verdicts[i].right is not None]
    expected = sum(one.probability for one in automatic) / len(automatic) if automatic else None
    foreign = [i for i in ids if i not in settled and "not_dutch" in normalised[i].flags]
    left = [i for i in ids if i not in settled and i in verdicts and not verdicts[i].automatic]
    return {
        "answers": len(ids),
        "people": sum(i in settled for i in ids),
        "automatic": len(automatic),
        "expected_accuracy": None if expected is None else round(expected, 4),
        "left_for_review": len(left) + len(foreign),
        "not_dutch": len(foreign),
        "no_content": len(
            [i for i in ids if i not in settled and i not in verdicts and i not in foreign]
        ),
        "checked": len(checked),
        "right": sum(bool(one.right) for one in checked),
        "blind_sample": sample is not None,
    }


def _line(question: str, figures: Mapping[str, Any]) -> str:
    automatic = f"{figures['automatic']} door de machine"
    if figures["expected_accuracy"] is not None:
        automatic += f" (verwacht {share(round(figures['expected_accuracy'] * 1000), 1000)} juist)"
    foreign = (
        f" (waarvan {figures['not_dutch']} in een andere taal)" if figures["not_dutch"] else ""
    )
    blind = "blind " if figures["blind_sample"] else ""
    doubt = "" if blind else " (geen blinde steekproef: over de hele vraag kan dat anders zijn)"
    checked = (
        f"; van {figures['checked']} die mensen {blind}codeerden had de machine er, zonder ze te"
        f" kennen, {figures['right']} helemaal juist{doubt}"
        if figures["checked"]
        else ""
    )
    return (
        f"{question}: {figures['answers']} antwoorden, {figures['people']} door mensen,"
        f" {automatic}, {figures['left_for_review']} voor mensen{foreign},"
        f" {figures['no_content']} zonder inhoud{checked}"
    )


def left_behind_lines(found: Mapping[str, int]) -> list[str]:
    """Say which codings of people count for nothing because study.yaml lacks their question."""
    return [
        f"LET OP: annotations/{name} bevat {number(count)} coderingen van een vraag die niet (meer)"
        f" in study.yaml staat; ze tellen niet mee. Hernoemde u haar, zet dan 'id: {name}' terug"
        for name, count in found.items()
    ]


def _advice(
    study: Study,
    name: str,
    codings: Sequence[Coding],
    answers: Sequence[Answer],
    settled: Mapping[str, frozenset[str]],
    coded: Coded,
) -> list[str]:
    """Say what a codebook's coder learned from, and which codes most lack examples."""
    if not coded.verdicts:
        return []
    mine = {a.id for a in answers if study.questions[a.question].codebook == name}
    examples = Counter(code for i in mine & settled.keys() for code in settled[i])
    wanted = Counter(
        code
        for coding in codings
        if coding.coder == COMBINED and coding.answer in mine - settled.keys()
        for code in coding.codes
    )
    lacking = sorted(
        (code for code in wanted if examples[code] < FEW),
        key=lambda code: (-wanted[code], examples[code], code),
    )
    if not coded.learned_from:
        done = [a.text.casefold() for a in answers if a.id in mine & settled.keys()]
        so_far = f" (nu {len(done)}, met {len(set(done))} verschillende teksten)" if done else ""
        begin = (
            f"Codeboek {name}: het codeboek alleen codeert, zonder dat te toetsen is hoe goed;"
            f" codeer er {MIN_CHECKED} verschillende antwoorden van om het te weten{so_far}"
        )
    else:
        begin = f"Codeboek {name}: geleerd uit {coded.learned_from} gecodeerde antwoorden"
        if coded.learned_from < MIN_CHECKED:
            begin += f"; vanaf {MIN_CHECKED} kan de machine zelf iets beslissen"
    if not lacking:
        return [begin]
    named = ", ".join(f"{code} ({examples[code]} gecodeerd)" for code in lacking[:3])
    return [begin, f"  Het meest helpen meer gecodeerde antwoorden met: {named}"]


def curves(
    study: Study, answers: Sequence[Answer], verdicts: Sequence[Verdict]
) -> dict[str, list[Point]]:
    """Return the production-accuracy curve of each question with enough coded answers."""
    import numpy as np

    by_answer = {verdict.answer: verdict for verdict in verdicts}
    found: dict[str, list[Point]] = {}
    for question in study.open_questions:
        checked = [
            by_answer[a.id]
            for a in answers
            if a.question == question.id and a.id in by_answer and by_answer[a.id].right is not None
        ]
        if len(checked) >= SHOWN:
            found[question.id] = curve(
                np.array([one.probability for one in checked]),
                np.array([one.right for one in checked], dtype=bool),
                np.array([one.covered for one in checked], dtype=bool),
            )
    return found


def curve_csv(points: Mapping[str, Sequence[Point]]) -> bytes:
    """Return the curves as a CSV that Excel opens: a row a point."""
    return as_csv(
        ("vraag", "automatisch", "aandeel", "juist", "ondergrens (80% zekerheid)"),
        (
            [name, p.automatic, f"{p.share:.4f}", f"{p.accuracy:.4f}", f"{p.lower:.4f}"]
            for name, curve_ in points.items()
            for p in curve_
        ),
    )


def twins_csv(twins: Sequence[Twins], texts: Mapping[str, str]) -> bytes:
    """Return the (nearly) identical texts that people coded differently, names replaced."""

    def codes(given: Collection[str]) -> str:
        return " ".join(sorted(given)) or "(geen code)"

    return as_csv(
        ("vraag", "gelijkenis", "antwoord 1", "codes 1", "tekst 1", "antwoord 2", "codes 2",
         "tekst 2"),
        (
            [
                t.question, f"{t.likeness:.3f}", t.first, codes(t.first_codes), texts[t.first],
                t.second, codes(t.second_codes), texts[t.second],
            ]
            for t in twins
        ),
    )  # fmt: skip
