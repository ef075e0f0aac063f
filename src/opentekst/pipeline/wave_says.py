"""What a comparison of waves says in Dutch: coverage, rules, notes, drift, what next."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from opentekst.model import percentage
from opentekst.pipeline.sayings import share
from opentekst.pipeline.waving import Compared, Waved
from opentekst.results.bridge import Parts
from opentekst.results.drift import Grasp, fading
from opentekst.results.significance import LEVEL
from opentekst.results.waves import Change, Trend
from opentekst.survey.places import places_on

METHOD = (
    "Alle gemeenten: wie toen antwoordde tegenover wie nu antwoordde. De twee steekproeven komen"
    " uit dezelfde gemeenten en overlappen; daar houdt het interval rekening mee (Kish 1965; Tam"
    " 1984). Wie niet antwoordde, geldt als toevallig afwezig.",
    "Paren: alleen gemeenten die beide keren antwoordden; exacte toets van McNemar (1947), interval"
    " van Bonett en Price (2012).",
    "p-waarden zijn per vraag gecorrigeerd voor het aantal rijen (Holm 1979)."
    " Verschillen zijn in procentpunten, met 95%-interval.",
    "Gefuseerde gemeenten: bij aankruisvragen en codes telt wat één van de delen antwoordde; bij"
    " één antwoord telt de meerderheid van de delen, en bij gelijke stand staat de nieuwe gemeente"
    " bij die vraag in geen basis (overgang.csv).",
    "Ontleding: eerst het codeboek, dan de codeur; wat de twee samen doen, staat bij de codeur. De"
    " delen tellen exact op. Intervallen: bootstrap van gemeenten (1000 keer).",
)
FADES = "duidelijk minder genoemd (p na Holm onder 0,05), of helemaal niet meer"
RULE_FEW = "weinig gemeenten: het interval is ruw"


def coverage_lines(waved: Waved) -> list[str]:
    """Say which units answered when, what the mergers did, and what was left out."""
    pair = waved.pair
    then, now = (side.units for side in (pair.then, pair.now))
    asked = [len(places_on(side.study.file.date).municipalities) for side in (pair.then, pair.now)]
    rolled = {pair.became[unit] for unit in then}
    merged = {new for old, new in pair.became.items() if old != new}
    partly = {
        new
        for new in merged & rolled
        if any(b == new and o not in then for o, b in pair.became.items())
    }
    lines = [
        f"{pair.then.id}: {len(then)} van {asked[0]} gemeenten antwoordden, nu {len(rolled)} van"
        f" {asked[1]} na de fusies; {pair.now.id}: {len(now)} van {asked[1]}; beide keren:"
        f" {len(rolled & now)}",
    ]
    if merged:
        lines.append(
            f"{len(merged & rolled)} van de {len(merged)} fusiegemeenten hadden toen minstens één"
            f" deel dat antwoordde; van {len(partly)} antwoordde niet elk deel: wat toen gezegd is,"
            " geldt voor de hele nieuwe gemeente"
        )
    ties = [c for c in waved.conflicts if not c.settled]
    if waved.conflicts:
        lines.append(
            f"{len(waved.conflicts)} keer spraken delen van een fusiegemeente elkaar tegen, waarvan"
            f" {len(ties)} keer onbeslist: dan staat zij bij die vraag in geen basis"
        )
    lines += [f"Niet vergeleken: {why}" for why in pair.left_out]
    hidden = sum(row.hidden for one in waved.questions for row in one.rows)
    if hidden:
        lines.append(
            f"{hidden} rijen zijn verborgen (·): ze gaan over minder dan {pair.threshold} gemeenten"
        )
    return lines


def question_notes(waved: Waved, one: Compared) -> list[str]:
    """Say what to know of one question before reading its rows."""
    notes = [*one.asked.remarks]
    fresh = [r.subject.label for r in one.rows if r.subject.known == "now"]
    gone = [r.subject.label for r in one.rows if r.subject.known == "then"]
    if fresh:
        notes.append(f"bestond in {waved.pair.then.id} niet: {', '.join(fresh)}")
    if gone:
        notes.append(f"bestaat in {waved.pair.now.id} niet meer: {', '.join(gone)}")
    return notes


def machine_note(waved: Waved, one: Compared) -> list[str]:
    """Say how far the machine coded, and that its error is not in the intervals."""
    told = []
    for side, (n, of) in zip((waved.pair.then, waved.pair.now), one.machine, strict=True):
        if n:
            told.append(f"{side.id}: {percentage(n, of)}%".replace(".", ","))
    if not told:
        return []
    return [
        f"codes van de machine ({'; '.join(told)} van de antwoorden): haar fout zit niet in deze"
        " intervallen; de schattingen per golf houden er wel rekening mee (schattingen.csv)"
    ]


def bridge_note(waved: Waved, one: Compared) -> str:
    """Say on what the parts of the change rest."""
    if not one.parts:
        return ""
    units = one.parts[0].units
    if one.bridge == "people":
        return (
            f"Brug: mensen codeerden de antwoorden van {units} gelote gemeenten van"
            f" {waved.pair.then.id} opnieuw, als de codeurs en met het codeboek van"
            f" {waved.pair.now.id}."
        )
    return (
        f"Brug: alleen door de machine ({units} gemeenten): de codeur van {waved.pair.now.id} op de"
        f" antwoorden van {waved.pair.then.id}. Haar fouten zitten in het deel 'codeur' en, met"
        " omgekeerd teken, in 'mening'. Zekerder: opentekst waves bridge --question"
        f" {one.asked.id}"
    )


def row_note(row: Trend) -> str:
    """Return what to know of one row; empty where there is nothing."""
    if row.hidden:
        return "niet afgedrukt: het gaat om te weinig gemeenten"
    if row.subject.known == "now":
        return "nieuw: niet te vergelijken"
    if row.subject.known == "then":
        return "bestaat niet meer"
    return RULE_FEW if row.change and row.change.rough else ""


def change_text(value: float | Decimal) -> str:
    """Return a difference for people: of a share (float) or of points (Decimal), with its sign.

    >>> change_text(-0.118), change_text(Decimal("0.0")), change_text(0.0004)
    ('−11,8', '0,0', '0,0')
    """
    points = value if isinstance(value, Decimal) else Decimal(repr(round(100 * value, 1)))
    points = points.quantize(Decimal("0.1"))
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return f"{sign}{abs(points)}".replace(".", ",")


def p_text(change: Change | None) -> str:
    """Return the corrected p-value for people."""
    if change is None:
        return ""
    return "< 0,001" if change.adjusted < 0.001 else f"{change.adjusted:.3f}".replace(".", ",")


def p_sign(change: Change) -> str:
    """Return the corrected p-value behind its sign: "= 0,028" or "< 0,001"."""
    text = p_text(change)
    return text if text.startswith("<") else f"= {text}"


def drift_rows(waved: Waved, one: Compared) -> list[Sequence[object]]:
    """Return the signs of drift in one question: question, kind, what, then, now, measure, why."""
    name = one.asked.id
    rows: list[Sequence[object]] = []
    for kind, found in (("nieuw woord", one.came), ("woord dat verdwijnt", one.went)):
        for word in found:
            why = "antwoorden met dit woord; z van de log-odds met voorkennis (Monroe e.a. 2008)"
            rows.append(
                (
                    name,
                    kind,
                    word.word,
                    word.then,
                    word.now,
                    f"z = {change_text(Decimal(repr(word.z)))}",
                    why,
                )
            )
    for row in fading(one.rows) if one.asked.question.kind == "open" else ():
        assert row.change is not None
        rows.append(
            (
                name, "code die vervaagt", row.subject.label,
                _percent(row.then.n, row.then.base), _percent(row.now.n, row.now.base),
                f"p {p_sign(row.change)}", FADES,
            )
        )  # fmt: skip
    for rise in one.topics:
        where = f"hoort bij '{rise.nearest}'" if rise.matched else "geen code past: zie topics"
        rows.append(
            (
                name, "onderwerp dat opkomt", f"{rise.label} ({', '.join(rise.keywords)})",
                _percent(rise.then.n, rise.then.base), _percent(rise.now.n, rise.now.base),
                "gemeenten", where,
            )
        )  # fmt: skip
    if one.grasp:
        rows += _grasp_rows(waved, name, *one.grasp)
    return rows


def _grasp_rows(waved: Waved, name: str, then: Grasp, now: Grasp) -> list[Sequence[object]]:
    old = waved.pair.then.id
    why = (
        f"aandeel van {then.answers} antwoorden van toen en {now.answers} van nu, volgens de codeur"
        f" van {old} met het codeboek van {old}"
    )
    rows: list[Sequence[object]] = []
    for what, a, b in (
        ("krijgt geen enkele code", then.silent, now.silent),
        ("kans onder 50% dat alle codes juist zijn", then.unsure, now.unsure),
    ):
        cells = (_percent(a, then.answers), _percent(b, now.answers))
        rows.append((name, "oude codeur begrijpt het niet", what, *cells, "antwoorden", why))
    return rows


def _percent(n: int, of: int) -> str:
    return share(n, of) if of else "–"


def lines(found: Sequence[Waved]) -> list[str]:
    """Say what was compared and what stands out."""
    told: list[str] = []
    for waved in found:
        told.append(f"{waved.pair.then.id} → {waved.pair.now.id}")
        told += [f"  {line}" for line in coverage_lines(waved)]
        for one in waved.questions:
            told += [f"  {line}" for line in _question_lines(waved, one)]
    return told


def _question_lines(waved: Waved, one: Compared) -> list[str]:
    bases = f"{len(one.asked.then)} en {len(one.asked.now)} gemeenten"
    told = [f"{one.asked.id} ({bases}): {_clear(one)}"]
    told += [f"  {note}" for note in (*question_notes(waved, one), *machine_note(waved, one))]
    if one.parts:
        told.append(f"  {bridge_note(waved, one)}")
        largest = sorted(one.parts, key=_moved_by_coding)[:4]
        labels = {row.subject.code: row.subject.label for row in one.rows}
        for part in largest:
            total, opinion, book, coder = (change_text(x) for x in part.rounded())
            told.append(
                f"    {labels[part.code]}: {total} = mening {opinion}, codeboek {book},"
                f" codeur {coder}"
            )
    topics = [f"'{one.label}' ({one.then.n} → {one.now.n} gemeenten)" for one in one.topics[:3]]
    if topics:
        told.append(f"  komt op: {', '.join(topics)}")
    if one.came:
        told.append(f"  nieuwe woorden: {', '.join(word.word for word in one.came[:8])}")
    return told


def _moved_by_coding(part: Parts) -> tuple[Fraction, Fraction, str]:
    """Order parts: first what codebook and coder changed most, then what changed most at all."""
    return -abs(part.codebook) - abs(part.coder), -abs(part.total), part.code


def _clear(one: Compared) -> str:
    sure = [
        row
        for row in one.rows
        if row.change is not None and not row.hidden and row.change.adjusted < LEVEL
    ]
    if not sure:
        return "geen verschil dat boven het toeval uitkomt"
    told = [
        f"{row.subject.label} {change_text(float(row.change.difference))}"
        for row in sure
        if row.change is not None
    ]
    return f"duidelijk veranderd: {'; '.join(told)}"
