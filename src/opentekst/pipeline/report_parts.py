"""The parts of a report as they follow from a study: places, questions, answers, coders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from html import unescape

from opentekst import store
from opentekst.coding.coder import COMBINED
from opentekst.model import Answer, Decision, Normalised, Response, Span, Table
from opentekst.pipeline.deciding import TRIAGE, automatic
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import machine, opinions
from opentekst.pipeline.sayings import number
from opentekst.pipeline.stages import counted_tables
from opentekst.pipeline.unit_facts import SIZE, unit_facts
from opentekst.results.report.data import Asked, Coded, CodeName, Listed, Split, Town, readable
from opentekst.results.report.guard import LEAST, placed, rows_to_hide, without_places
from opentekst.results.tables import Counted
from opentekst.store import Paths
from opentekst.study import Question, Study

BASES = {
    "unanimous": "door mensen, eensgezind",
    "majority": "door mensen, bij meerderheid",
    "adjudicated": "door mensen, na arbitrage",
    "automatic": "door de machine",
    "open": "wacht nog op een mens",
}
PROVISIONAL = "voorlopig, door de machine; niemand keek het na"
TAIL = 0.025


@dataclass(frozen=True)
class Sight:
    """Everything of a study that a report shows, read once."""

    study: Study

    @cached_property
    def answers(self) -> list[Answer]:
        """Every open answer."""
        return store.read_answers(Paths(self.study.root).work / "answers.jsonl")

    @cached_property
    def normalised(self) -> Mapping[str, Normalised]:
        """The normalised answers by id."""
        items = store.read_normalised(Paths(self.study.root).work / "normalised.jsonl")
        return {item.answer: item for item in items}

    @cached_property
    def responses(self) -> list[Response]:
        """The closed answers of each unit."""
        return store.read_responses(Paths(self.study.root).work / "responses.jsonl")

    @cached_property
    def _counted(self) -> tuple[list[Table], Counted, list[Decision]]:
        return counted_tables(self.study)

    @property
    def tables(self) -> Sequence[Table]:
        """The tables as they stand."""
        return self._counted[0]

    @property
    def counted(self) -> Counted:
        """What every unit holds of every question."""
        return self._counted[1]

    @cached_property
    def decided(self) -> Mapping[str, Decision]:
        """What counts for each answer."""
        return {decision.answer: decision for decision in self._counted[2]}

    @cached_property
    def towns(self) -> tuple[Town, ...]:
        """The municipalities that were asked, by name."""
        from opentekst.survey.places import places_on

        sizes = unit_facts(self.study).traits.get(SIZE, {})
        found = [
            Town(nis, at.name, at.province, sizes.get(nis, ""), nis in self.counted.units)
            for nis, at in places_on(self.study.file.date).municipalities.items()
        ]
        return tuple(sorted(found, key=lambda town: (town.name, town.nis)))

    def silent(self, answer: Answer) -> bool:
        """Tell whether an answer says nothing, and nobody gave it a code either."""
        flags = self.normalised[answer.id].flags
        return "no_answer" in flags and not self.decided[answer.id].codes

    @property
    def least(self) -> int:
        """From how many units on a trait or share may stand beside answers."""
        return max(LEAST, self.study.file.disclosure.threshold)


def questions(sight: Sight) -> tuple[Asked, ...]:
    """Return every question of the study, with who answered it."""
    tables = tables_of(sight.study)
    texts: dict[str, list[Answer]] = {}
    for answer in sight.answers:
        texts.setdefault(answer.question, []).append(answer)
    found = []
    for q in sight.study.file.questions:
        mine = texts.get(q.id, [])
        said = {answer.unit for answer in mine if not sight.silent(answer)}
        units = len(said) if q.kind == "open" else len(_closed_units(q, sight.responses))
        few = 0 < units < sight.study.file.disclosure.threshold
        counting = tuple(n for n, asked in tables.items() if q.id in asked)
        empty = sum(map(sight.silent, mine))
        found.append(
            Asked(
                q.id, q.text, q.kind, None if few else units, len(mine), empty, q.codebook, counting
            )
        )
    return tuple(found)


def _closed_units(question: Question, responses: Iterable[Response]) -> set[str]:
    keys = [f"{question.id}.{item.id}" for item in question.items] or [question.id]
    return {r.unit for r in responses if any(key in r.single or key in r.multiple for key in keys)}


def tables_of(study: Study) -> Mapping[str, frozenset[str]]:
    """Return the questions that each table counts; open ones that are coded back too."""
    found = {}
    for table in study.file.tables:
        names = {name for group in table.columns for name in group.sources}
        others = [study.questions[name].other for name in names]
        split = {table.by} & study.questions.keys()
        found[table.number] = frozenset(names | {o.question for o in others if o} | split)
    return found


def code_names(study: Study) -> tuple[CodeName, ...]:
    """Return the codes that open questions use, codebook by codebook."""
    used = dict.fromkeys(q.codebook for q in study.open_questions)
    return tuple(
        CodeName(name, code.id, code.label, code.definition, code.parent)
        for name in used
        for code in study.codebooks[name].codes
    )


def answers_listed(sight: Sight) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """Return the answers that may be shown, and what was held back of them, in Dutch.

    They stand in the order of their text within a question: the order of the export would
    tell which answers of different questions are of one writer.
    """
    study = sight.study
    names = {town.nis: (town.province, town.size) for town in sight.towns}
    texts = masked_texts(Paths(study.root).work, sight.answers, sight.normalised)
    plain = without_places(town.name for town in sight.towns)
    evidence, trusted = _evidence(study), automatic(study)
    listed, hidden, smaller, cleaned = [], 0, 0, 0
    for question in study.open_questions:
        mine = [a for a in sight.answers if a.question == question.id and not sight.silent(a)]
        told = placed({answer.unit: names[answer.unit] for answer in mine}, sight.least)
        rows = []
        for answer in mine:
            decision = sight.decided[answer.id]
            masked = texts[answer.id]
            marks = []
            for span in evidence.get(answer.id, ()):
                if span.code in decision.codes:
                    start, end = masked.to_masked(span.start, span.end)
                    edges = (len(unescape(masked.text[:at])) for at in (start, end))
                    marks.append((*edges, span.code))
            text = unescape(masked.text)
            shown, moved = plain(text, tuple(sorted(set(marks))))  # type: ignore[arg-type]
            province, size = told[answer.unit]
            hidden += not province
            smaller += bool(province) and not size and bool(names[answer.unit][1])
            cleaned += shown != text
            codes = tuple(c.id for c in study.codebook(question.id).codes if c.id in decision.codes)
            basis = BASES[decision.basis]
            if decision.basis == "automatic" and answer.id not in trusted:
                basis = PROVISIONAL
            rows.append(Listed(question.id, readable(shown), codes, moved, basis, province, size))
        listed += sorted(rows, key=lambda row: (row.text.casefold(), row.text, row.codes))
    return tuple(listed), tuple(_held(sight.least, hidden, smaller, cleaned))


def _held(least: int, hidden: int, smaller: int, cleaned: int) -> Iterable[str]:
    few = f"minder dan {least} gemeenten antwoordden"
    if hidden:
        yield (
            f"Bij {number(hidden)} antwoorden staat de provincie niet: van die provincie (of van"
            f" wie zo overblijft) {few} op die vraag. Een filter op provincie toont ze niet."
        )
    if smaller:
        yield (
            f"Bij {number(smaller)} antwoorden staat wel de provincie maar niet de grootte: van die"
            f" grootte (of van wie zo overblijft) {few} daar op die vraag."
        )
    if cleaned:
        yield (
            f"In {number(cleaned)} antwoorden is de naam van een gemeente vervangen door"
            " [gemeente]. Namen van wijken, deelgemeenten en plaatselijke werkingen staan er nog."
        )


def _evidence(study: Study) -> Mapping[str, Sequence[Span]]:
    """Return what people and the machine marked in each answer, in its verbatim text."""
    found: dict[str, list[Span]] = {}
    marked = [coding for coding in machine(study) if coding.coder == COMBINED]
    for coding in (*opinions(study).codings, *marked):
        found.setdefault(coding.answer, []).extend(coding.evidence)
    return found


def splits(sight: Sight, provinces: Sequence[str]) -> tuple[Split, ...]:
    """Return for each open question and code the share of units by province.

    Shares are whole percentages. What `rows_to_hide` names is None, and the total too where
    it counts fewer than `Sight.least` units. Codes that nobody gave have no row. A study that
    guards its tables against disclosure has none: what they hide could be worked out from
    these.
    """
    if sight.study.file.disclosure.threshold:
        return ()
    of = {town.nis: town.province for town in sight.towns}
    found = []
    for question in sight.study.open_questions:
        holds = sight.counted.holds.get(question.id, {})
        for code in sight.study.codebook(question.id).codes:
            row = [
                (sum(code.id in holds[u] for u in mine), len(mine))
                for mine in ([u for u in holds if of[u] == p] for p in provinces)
            ]
            count, base = sum(n for n, _ in row), len(holds)
            if not count:
                continue
            few = count < sight.least
            back = range(len(row)) if few else rows_to_hide(row, sight.least)
            shares = tuple(
                None if at in back else round(100 * n / size) for at, (n, size) in enumerate(row)
            )
            found.append(
                Split(question.id, code.id, shares, None if few else round(100 * count / base))
            )
    return tuple(found)


def coded(sight: Sight) -> tuple[Coded, ...]:
    """Return for each open question who coded its answers, and how the machine did."""
    rows = store.read_rows(Paths(sight.study.root).work / TRIAGE, "code")
    verdicts = {row["answer"]: row["right"] for row in rows}
    trusted = automatic(sight.study)
    found = []
    for question in sight.study.open_questions:
        mine = [a for a in sight.answers if a.question == question.id]
        said = [a for a in mine if not sight.silent(a)]
        bases = Counter(sight.decided[a.id].basis for a in said)
        sure = sum(a.id in trusted and sight.decided[a.id].basis == "automatic" for a in said)
        found.append(
            Coded(
                question.id,
                bases["unanimous"] + bases["majority"],
                bases["adjudicated"],
                sure,
                bases["automatic"] - sure,
                bases["open"],
                len(mine) - len(said),
                *_accuracy(sight.study, question.id, verdicts),
            )
        )
    return tuple(found)


def _accuracy(
    study: Study, question: str, verdicts: Mapping[str, bool | None]
) -> tuple[int, int, float, float]:
    """Return of the blind sample: those checked, those right, and a Jeffreys interval in %."""
    from opentekst.pipeline.auditing import sample_of

    sample = sample_of(study, question)
    drawn = sorted(sample.answers) if sample else []
    checked = [verdicts[a] for a in drawn if verdicts.get(a) is not None]
    right = sum(map(bool, checked))
    return (len(checked), right, *jeffreys(right, len(checked)))


def jeffreys(right: int, checked: int) -> tuple[float, float]:
    """Return the ends of the 95% Jeffreys interval of a share, in percent.

    >>> [round(end, 1) for end in jeffreys(0, 10)], jeffreys(0, 0)
    ([0.0, 21.7], (0.0, 100.0))
    """
    from scipy.stats import beta

    if not checked:
        return 0.0, 100.0
    end = partial(beta.ppf, a=right + 0.5, b=checked - right + 0.5)
    low = 0.0 if not right else float(end(TAIL))
    high = 1.0 if right == checked else float(end(1 - TAIL))
    return 100 * low, 100 * high
