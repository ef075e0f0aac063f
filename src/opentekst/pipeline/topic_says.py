"""What the topics stage says to survey people: lines, tables for Excel, proposals to decide on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from opentekst.codebook import Codebook
from opentekst.coding.topic_model import FEWEST, STABLE
from opentekst.model import Proposal, Topic
from opentekst.pipeline.sayings import as_csv, number

if TYPE_CHECKING:
    from opentekst.coding.topics import Topics

KINDS = {"new": "nieuwe code", "split": "subcode", "boundary": "grens tussen twee codes"}
_SHOWN = 3


def stage_lines(found: Mapping[str, Topics], uncoded: Mapping[str, int]) -> list[str]:
    """Say per codebook how many topics there are, how they were sought, and what they ask."""
    lines = []
    for name, one in found.items():
        head = f"Codeboek {name}: {_answers(uncoded[name])} zonder code"
        if one.how.texts < FEWEST:
            lines.append(
                f"{head}; te weinig verschillende teksten ({one.how.texts}, minstens {FEWEST})"
                " om thema's te zoeken"
            )
            continue
        own = sum(topic.matched for topic in one.topics)
        found_here = _count(len(one.topics), "thema", "thema's")
        belong = "hoort" if own == 1 else "horen"
        asked = _count(len(one.proposals), "voorstel", "voorstellen")
        lines.append(f"{head}; {found_here}, waarvan {own} bij een code {belong}; {asked}")
        lines.append(f"  {one.how.said}")
    lines.append("Alle thema's: results/topics/themas.csv; kaart: results/topics/kaart.html")
    return lines


def proposal_lines(
    numbered: Sequence[tuple[int, Proposal]],
    books: Mapping[str, Codebook],
    texts: Mapping[str, str],
    hidden: int,
) -> list[str]:
    """Show the proposals that wait for a decision, each with some quotes."""
    lines = []
    for place, proposal in numbered:
        lines.append(f"{place}. {headline(proposal, books[proposal.group])}")
        lines.append(
            f"   {_answers(len(proposal.answers))},"
            f" {_count(proposal.units, 'gemeente', 'gemeenten')};"
            f" stabiliteit {decimal(proposal.stability)}{firmness(proposal)};"
            f" woorden: {', '.join(proposal.keywords)}"
        )
        lines += [f"   - {_short(texts[quote])}" for quote in proposal.quotes[:_SHOWN]]
    if not numbered:
        lines.append("Er wacht geen voorstel op een beslissing.")
    if hidden:
        gone = _count(hidden, "eerder beslist voorstel wordt", "eerder besliste voorstellen worden")
        lines.append(f"{gone} niet meer getoond.")
    if numbered:
        lines.append(
            "Verder: opentekst topics accept NUMMER --as ID (wordt een code), opentekst topics"
            " reject NUMMER (komt niet terug); alle citaten: results/topics/voorstellen.csv"
        )
    return lines


def headline(proposal: Proposal, book: Codebook) -> str:
    """Return in a line what a proposal asks for."""
    nearest, other = (_label(book, code) for code in (proposal.nearest, proposal.other))
    about = {
        "new": f"nieuwe code in {proposal.group}"
        + (f", het dichtst bij '{nearest}'" * bool(nearest)),
        "split": f"subcode van '{nearest}'",
        "boundary": f"ligt over de grens van '{nearest}' en '{other}'",
    }
    return f"{proposal.label} ({about[proposal.kind]})"


def firmness(proposal: Proposal) -> str:
    """Return a warning for a topic that other samples of the answers would not give."""
    return "" if proposal.stability >= STABLE else " (onvast: lees de citaten goed na)"


def decimal(value: float) -> str:
    """Return two decimals in Dutch.

    >>> decimal(0.5)
    '0,50'
    """
    return f"{value:.2f}".replace(".", ",")


def topics_csv(topics: Iterable[Topic], books: Mapping[str, Codebook]) -> bytes:
    """Return all topics, with the code that each is nearest to."""
    return as_csv(
        ("codeboek", "thema", "naam", "woorden", "antwoorden", "per vraag", "zonder code",
         "gemeenten", "dichtste code", "hoort bij die code", "stabiliteit", "vast"),
        (
            [
                t.group, t.number, t.label, ", ".join(t.keywords), len(t.answers),
                _by_question(t.answers), t.uncoded, t.units,
                _label(books[t.group], t.nearest), _yes(t.matched),
                decimal(t.stability), _yes(t.stability >= STABLE),
            ]
            for t in topics
        ),
    )  # fmt: skip


def proposals_csv(
    proposals: Iterable[Proposal], books: Mapping[str, Codebook], texts: Mapping[str, str]
) -> bytes:
    """Return the proposals, a row for every quote, names replaced."""
    return as_csv(
        ("voorstel", "soort", "codeboek", "naam", "woorden", "antwoorden", "gemeenten",
         "dichtste code", "andere code", "stabiliteit", "citaat"),
        (
            [
                place, KINDS[p.kind], p.group, p.label, ", ".join(p.keywords), len(p.answers),
                p.units, _label(books[p.group], p.nearest), _label(books[p.group], p.other),
                decimal(p.stability), texts[quote],
            ]
            for place, p in enumerate(proposals, start=1)
            for quote in p.quotes
        ),
    )  # fmt: skip


def _answers(count: int) -> str:
    return _count(count, "antwoord", "antwoorden")


def _count(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count == 1 else many}"


def _by_question(answers: Iterable[str]) -> str:
    counted = Counter(answer.rpartition(":")[2] for answer in answers)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{question} {count}" for question, count in ordered)


def _label(book: Codebook, code: str) -> str:
    return book.by_id[code].label if code in book.by_id else code


def _yes(value: bool) -> str:
    return "ja" if value else "nee"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 110 else line[:107].rsplit(" ", 1)[0] + " …"
