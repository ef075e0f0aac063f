"""An answer cut into its separate ideas, with offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from opentekst.model import Span

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_WORD = re.compile(r"[^\W_]")
_LINE = re.compile(r"\n|(?<=\s)[-–—•·*/+]\s|[;•·]|(?<=\s)(?=\(?\d{1,2}\)\s*[^\W\d])")
_SIGNS = r"[\s,;:)\]–—•·*/+&|>-]+|\(?(?:\d{1,2}[.)]|[a-z]\))(?=\s*[^\W\d])\s*"
_LEFT = re.compile(
    rf"(?:{_SIGNS}|(?:en|of|maar|want|dus|alsook|evenals|alsmede)\b\s*)+", re.IGNORECASE
)
_BULLET = re.compile(rf"(?:{_SIGNS})+")
_RIGHT = re.compile(
    r"(?:[\s,;:–—•·|(\[]|\s[*/+&-]+|\s(?:en|of|maar|want|dus|alsook))+$", re.IGNORECASE
)
_CONJUNCTIONS = frozenset({"en", "of", "maar", "want", "alsook", "evenals", "doch", "&", "+"})
STARTERS = frozenset(
    """geen niet wel ook te meer minder weinig veel onvoldoende genoeg extra nog vooral zeker
    daarnaast er we wij ze zij ik het dit dat men vaak soms onze ons""".split()
)
"""Words with which, after a comma or "en", another idea begins where there is no parse."""
_TURNS = frozenset("wel maar want geen niet ook".split())
_OWN = frozenset(
    """geen te weinig veel meer minder onvoldoende voldoende genoeg extra nog enkele nieuwe
    niet""".split()
)
_CORE = frozenset({"nsubj", "nsubj:pass", "expl", "csubj", "obj", "iobj", "ccomp", "obl", "xcomp"})
_ONLY_YES_NO = re.compile(
    r"(?:^|[.!?\n])\s*(?:ja|jawel|nee|neen|tja)\s*,?\s*(?:maar|en|want)?\s*$", re.IGNORECASE
)
_REACH = 20
_ELLIPSIS = 6
_NEAR = 9
_ASIDE = 2
"""So many words may be said in passing: "denk ik"."""
_FINAL = ".!?…;"
_PAIRED = frozenset({"zowel", "noch", "hetzij", "als"})
_LOOSE = frozenset({"cc", "punct"})
_ARTICLES = frozenset({"de", "het", "een", "'t", "dé", "hét"})
_PERSONS = frozenset("ik je jij ge gij u we wij ze zij men hij er dat dit het".split())
_VERBS = ("VERB", "AUX")
_ROOTS = frozenset({"root", "ROOT"})


def segments(doc: Doc, keep: re.Pattern[str] | None = None) -> tuple[Span, ...]:
    """Return the ideas of a text, in order; between them only spaces, signs, conjunctions.

    Sentences, line ends and list signs always cut. Within a sentence the parse says which
    coordinated parts stand by themselves: clauses with a subject or object of their own,
    phrases with a quantity or a complement of their own, and the members of a bare list.
    "jongeren en ouderen bereiken" is one idea. Without a parse, a comma or "en" cuts before
    words that begin something new. What `keep` matches (names such as "Kind en Gezin") is
    never cut.
    """
    parsed = doc.has_annotation("DEP")
    tokens = list(doc)
    sentences = [tokens[sentence.start : sentence.end] for sentence in doc.sents]
    hard = {sentence[0].idx for sentence in sentences if _starts(tokens, sentence[0])}
    hard |= {match.end() for match in _LINE.finditer(doc.text)}
    soft = set(_turns(tokens))
    if parsed:
        soft |= set(_by_parse(tokens))
    else:
        soft.update(cut for sentence in sentences for cut in _by_words(sentence))
    soft -= {cut for cut in soft if _ONLY_YES_NO.search(doc.text, max(0, cut - _REACH), cut)}
    if keep is not None:
        for match in keep.finditer(doc.text):
            soft -= set(range(match.start() + 1, match.end()))
    return tuple(_spans(doc.text, hard, soft))


def _starts(tokens: Sequence[Token], first: Token) -> bool:
    """Tell whether a sentence that the pipeline found really starts here.

    After a full stop it does. Without one, where parsers err on notes, only with a pronoun
    as its own subject and a verb on both sides: "we zoeken handen we vinden er geen".
    """
    if first.i == 0 or tokens[first.i - 1].is_space:
        return True
    before = tokens[first.i - 1]
    if before.text[-1] in _FINAL or (before.is_quote and first.i > 1):
        return not (before.text[-1] == "…" and first.is_lower)
    if before.text in _CONJUNCTIONS or before.text in (",", ":"):
        return False
    return (
        first.lower_ in _PERSONS
        and first.dep_ in ("nsubj", "expl")
        and first.head.pos_ in _VERBS
        and any(token.pos_ in _VERBS for token in tokens[before.sent.start : first.i])
    )


def _spans(text: str, hard: set[int], soft: set[int]) -> Iterator[Span]:
    """Yield what lies between the cuts, without signs and conjunctions at its edges."""
    for start, end in pairwise(sorted({0, len(text)} | hard | soft)):
        piece = text[start:end]
        before = text[max(0, start - _NEAR) : start].rstrip()
        left = (_LEFT if before and before[-1] not in _FINAL else _BULLET).match(piece)
        first = start + (left.end() if left and left.end() < len(piece) else 0)
        right = _RIGHT.search(text, first, end)
        stop = right.start() if right else end
        if _WORD.search(text, first, stop):
            yield Span(first, stop)


def _turns(tokens: Sequence[Token]) -> Iterator[int]:
    """Cut after a comma before what turns: "wel …", "maar …", "geen …", or "… wel" at the end."""
    for place, comma in enumerate(tokens[:-1]):
        if comma.text != "," or place == 0:
            continue
        turn = tokens[place + 1]
        before = [token for token in tokens[max(0, place - 2) : place] if token.is_alpha]
        if not before:
            continue
        if turn.lower_ in _TURNS:
            rest = any(token.is_alpha for token in tokens[place + 2 : place + 5])
            if rest and (len(before) > 1 or turn.lower_ in ("maar", "want")):
                yield turn.idx
        elif _ends_turning(tokens[place + 1 : place + 1 + _ELLIPSIS]):
            yield turn.idx


def _ends_turning(tokens: Sequence[Token]) -> bool:
    """Tell whether a few words end on "wel" or "niet": "aan geld geen gebrek, aan tijd wel"."""
    words = list(takewhile(lambda token: not token.is_punct and not token.is_space, tokens))
    stopped = len(words) < len(tokens) or len(tokens) < _ELLIPSIS
    return stopped and len(words) > 1 and words[-1].lower_ in ("wel", "niet")


def _by_words(tokens: list[Token]) -> Iterator[int]:
    """Cut by words alone: before what begins something new, and within a bare list."""
    joints = [
        here
        for here in tokens[1:-1]
        if here.text in (",", "&", "+") or here.lower_ in _CONJUNCTIONS
    ]
    for joint in joints:
        after = joint.nbor(1)
        if after.lower_ in STARTERS and not (joint.lower_ == "of" and after.lower_ == "niet"):
            yield after.idx
    commas = [joint for joint in joints if joint.text == ","]
    pieces = _pieces(tokens, joints)
    if commas and all(0 < len(piece) <= 2 for piece in pieces):
        yield from (piece[0].idx for piece in pieces[1:])


def _pieces(tokens: list[Token], joints: Iterable[Token]) -> list[list[Token]]:
    pieces: list[list[Token]] = [[]]
    at = {joint.i for joint in joints}
    for token in tokens:
        if token.i in at:
            pieces.append([])
        elif not token.is_punct and not token.is_space:
            pieces[-1].append(token)
    return pieces


def _by_parse(sentence: Iterable[Token]) -> Iterator[int]:
    """Cut before each coordinated part that stands by itself."""
    for token in sentence:
        if token.dep_ not in ("conj", "parataxis"):
            continue
        first = token.left_edge
        if first.i <= token.head.i or not _joined(first):
            continue
        if token.dep_ == "conj":
            stands = _alone(token)
        else:
            size = sum(word.is_alpha for word in token.subtree)
            stands = size > _ASIDE and bool(_core(token))
        if stands:
            yield first.idx


def _joined(first: Token) -> bool:
    """Tell whether a comma, sign or conjunction stands where a part begins."""
    return first.i > 0 and any(
        token.text in _CONJUNCTIONS or (token.is_punct and token.text != ":")
        for token in (first, first.nbor(-1))
    )


def _alone(conjunct: Token) -> bool:
    """Tell whether a coordinated part says something without the first part's words."""
    head = conjunct.head
    members = [head, *(token for token in head.children if token.dep_ == "conj")]
    if any(t.lower_ in _PAIRED for member in members for t in member.children):
        return False
    if _clausal(conjunct):
        return _top(head) and bool(_core(conjunct)) and _parted(head, conjunct)
    if _own(conjunct):
        return True
    if not all(_nominal(member) for member in members):
        return False
    if not any(token.dep_ == "cc" for member in members for token in member.children):
        return _top(head) or bool(_modifiers(conjunct))
    if not _top(head):
        return False
    shares_left = _sides(members, left=True)[0] and not any(_sides(members, left=True)[1:])
    shares_right = _sides(members, left=False)[-1] and not any(_sides(members, left=False)[:-1])
    return not shares_left and not shares_right


def _parted(head: Token, clause: Token) -> bool:
    """Tell whether a clause after a noun has a subject: else the noun may be its object."""
    return not _nominal(head) or any(
        child.dep_ in ("nsubj", "nsubj:pass", "expl", "csubj") for child in clause.children
    )


def _top(token: Token) -> bool:
    return token.dep_ in _ROOTS or (token.dep_ in ("conj", "parataxis") and _top(token.head))


def _nominal(token: Token) -> bool:
    return token.pos_ in ("NOUN", "PROPN", "SYM", "X", "NUM") and not _clausal(token)


def _clausal(token: Token) -> bool:
    return token.pos_ in _VERBS or any(
        child.dep_ in ("nsubj", "cop", "csubj", "nsubj:pass") for child in token.children
    )


def _core(token: Token) -> list[Token]:
    """Return the subject, objects and complements of a conjunct, so that it stands alone."""
    return [child for child in token.children if child.dep_ in _CORE]


def _own(token: Token) -> bool:
    """Tell whether a noun has a quantity or negation of its own: geen budget, te weinig tijd.

    Nouns that the tagger takes for something else still hang from a noun.
    """
    return (_nominal(token) or _nominal(token.head)) and any(
        child.i < token.i and any(t.lower_ in _OWN for t in child.subtree)
        for child in token.children
        if child.dep_ not in _LOOSE
    )


def _modifiers(token: Token) -> list[Token]:
    return [
        child
        for child in token.children
        if child.dep_ not in _LOOSE | {"conj", "parataxis"} and child.lower_ not in _ARTICLES
    ]


def _sides(members: Sequence[Token], *, left: bool) -> list[bool]:
    """Return for each member of a list whether it has words of its own on one side."""
    return [any((t.i < member.i) is left for t in _modifiers(member)) for member in members]
