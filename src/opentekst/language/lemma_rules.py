"""Which lemma a Dutch form has, given its UPOS and tag: lists first, then learnt endings.

In order: the pairs of the treebanks, the word list, the head of a compound, the parts of a
separable verb, simplemma, and endings learnt from the word list. The tag tells whether a
form is inflected, so that "kosten" (noun, plural) is "kost" and "kosten" (verb, infinitive)
stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from opentekst.language.lexicon import Lexicon

AS_WRITTEN = frozenset({"PROPN", "X", "SYM", "PUNCT"})
OPEN = frozenset({"NOUN", "VERB", "ADJ"})
ENDINGS_FROM = 6
OF_A_PLACE = ("s", "se", "sen", "sch", "sche", "schen")  # Vlaams, Grieks, Belgisch
HEADLINE = 5  # longer words in capitals are headlines, not abbreviations
_WORDLIKE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ORDINAL = re.compile(r"\d+(?:e|de|ste)")


def inflected(tag: str) -> bool:
    """Tell from a treebank tag whether a form differs in kind from its dictionary form.

    >>> inflected("N|soort|mv|basis"), inflected("WW|inf|vrij|zonder")
    (True, False)
    """
    parts = tag.split("|")
    if parts[0] == "N":
        return "mv" in parts or "dim" in parts or "gen" in parts
    if parts[0] == "WW":
        return "inf" not in parts
    if parts[0] == "ADJ":
        return not ("basis" in parts and "zonder" in parts)
    return False


def without_ge(form: str, lemma: str) -> str:
    """Take the participle's "ge" out of a form whose lemma has none in that place.

    >>> without_ge("opgericht", "oprichten"), without_ge("gebeurt", "gebeuren")
    ('opricht', 'gebeurt')
    """
    at = form.find("ge")
    while at >= 0:
        if form[:at] == lemma[:at] and form[at + 2 : at + 3] == lemma[at : at + 1]:
            return form if lemma[at : at + 2] == "ge" else form[:at] + form[at + 2 :]
        at = form.find("ge", at + 1)
    return form


def lemma_of(lexicon: Lexicon, form: str, upos: str, tag: str, initial: bool = False) -> str:
    """Return the lemma of one form; `initial` where it begins a sentence."""
    low = form.lower()
    flag = " +" if inflected(tag) else ""
    key = form if upos in AS_WRITTEN else low
    exception = lexicon.exceptions.get(f"{key} {upos}{flag}")
    if exception is not None:
        return exception
    if upos in AS_WRITTEN:
        return _name(lexicon, form, tag) if upos == "PROPN" else form
    if _ORDINAL.fullmatch(low):
        return low.rstrip("adenrst")
    kind = "VERB" if upos == "AUX" else upos
    found = low if kind not in OPEN else _open_lemma(lexicon, low, kind, tag)
    return found if _writes_small(lexicon, form, initial, kind) else _cased_as(form, found)


def _name(lexicon: Lexicon, form: str, tag: str) -> str:
    """Return a name as written, but for plurals ("Europeanen") and what stands in headlines."""
    if form.isupper() and form.isalpha() and len(form) > HEADLINE:
        form = form.capitalize()
    if "|mv|" not in tag:
        return form
    if form[-2:] in ("'s", "’s"):
        return form[:-2]
    return _cased_as(form, _open_lemma(lexicon, form.lower(), "NOUN", "N|soort|mv|basis"))


def _writes_small(lexicon: Lexicon, form: str, initial: bool, kind: str) -> bool:
    """Tell whether a capital is only the sentence's; names' adjectives ("Vlaamse") keep theirs."""
    if not form[:1].isupper() or kind not in ("ADJ", "NOUN"):
        return True
    if form.isupper() and len(form) > 1:
        return len(form) > HEADLINE
    listed = form.lower() in lexicon.forms
    if kind == "ADJ":
        return initial or (listed and not form.endswith(OF_A_PLACE))
    return listed or initial


def _cased_as(form: str, lemma: str) -> str:
    """Give the beginning that a lemma shares with its form the form's capitals."""
    shared = 0
    while shared < min(len(form), len(lemma)) and form[shared].lower() == lemma[shared]:
        shared += 1
    return form[:shared] + lemma[shared:]


def _open_lemma(lexicon: Lexicon, form: str, kind: str, tag: str) -> str:
    bent = inflected(tag)
    found = _listed(lexicon, form, kind, bent)
    if found:
        return found
    if not bent:
        return form
    found = _separable(lexicon, form) if kind == "VERB" else _compound(lexicon, form, kind)
    return found or _from_simplemma(form, kind) or _by_ending(lexicon, form, kind, tag)


def _listed(lexicon: Lexicon, form: str, kind: str, bent: bool) -> str:
    """Take a reading of the right kind, if possible one that is (un)inflected as the tag says."""
    readings = [a.lemma for a in lexicon.analyses(form) if a.upos == kind]
    readings.sort(key=lambda lemma: (lemma != form) != bent)
    if readings:
        return readings[0]
    return next((a.lemma for a in lexicon.analyses(form) if a.upos == "X"), "") if bent else ""


def _compound(lexicon: Lexicon, form: str, kind: str) -> str:
    head = lexicon.head(form)
    if not head:
        return ""
    lemma = _listed(lexicon, head, kind, bent=True)
    return form[: len(form) - len(head)] + lemma if lemma else ""


def _separable(lexicon: Lexicon, form: str) -> str:
    """Take a known first part off, and look the rest up as a verb of its own."""
    for particle, rest in _splits(form, lexicon.particles):
        lemma = _listed(lexicon, rest, "VERB", bent=True)
        if lemma:
            return particle + lemma
    return ""


def _splits(form: str, particles: Iterable[str]) -> list[tuple[str, str]]:
    found = [p for p in particles if form.startswith(p) and len(form) - len(p) >= 3]
    return [(p, form[len(p) :]) for p in sorted(found, key=len, reverse=True)]


def _from_simplemma(form: str, kind: str) -> str:
    import simplemma

    if not simplemma.is_known(form, lang="nl"):
        return ""
    lemma = str(simplemma.lemmatize(form, lang="nl")).replace("_", "")
    fits = kind != "VERB" or lemma.endswith("n")
    return lemma if fits and " " not in lemma and lemma != form else ""


def _by_ending(lexicon: Lexicon, form: str, kind: str, tag: str) -> str:
    if not _WORDLIKE.fullmatch(form):
        return form
    stem = form
    if kind == "VERB" and tag.startswith("WW|vd"):
        stem = _bare_participle(form, lexicon.particles)
    for start in range(max(0, len(stem) - ENDINGS_FROM), len(stem) + 1):
        edit = lexicon.suffixes.get(f"{kind} {stem[start:]}")
        if edit is not None:
            cut, add = edit
            return stem[: len(stem) - cut] + add
    return form


def _bare_participle(form: str, particles: Iterable[str]) -> str:
    for particle, rest in [*_splits(form, particles), ("", form)]:
        if rest.startswith("ge") and len(rest) > 4:
            return particle + rest[2:]
    return form


def with_particle(lexicon: Lexicon, lemma: str, particle: str) -> str:
    """Return the separable verb that a verb and its particle make, else the verb's own lemma.

    "zet … in" is "inzetten"; "hebben … genoeg" stays "hebben".
    """
    joined = particle + lemma
    known = any(a.upos == "VERB" and a.lemma == joined for a in lexicon.analyses(joined))
    return joined if known else lemma
