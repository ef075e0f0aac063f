"""Bring the treebanks' lemmas to words that one can look up in a dictionary.

The treebanks write compounds as stems joined by underscores (`week_blad`, `klooster_orde`
for "Kloosterorden", `in_schatten` for "schat … in") and abbreviations as phrases ("o.a." is
`onder ander`). Codebooks hold words: weekblad, kloosterorde, inschatten, o.a.
"""

from __future__ import annotations

MULTIWORD_PARTICLES = ("ten", "ter", "te", "in", "aan", "op", "van")


def gold_lemma(form: str, lemma: str, upos: str) -> str:
    """Return the lemma without underscores and spaces.

    >>> gold_lemma("Kloosterorden", "klooster_orde", "NOUN")
    'kloosterorde'
    >>> gold_lemma("League-seizoen", "League_seizoen", "NOUN")
    'League-seizoen'
    >>> gold_lemma("schat", "in_schatten", "VERB")
    'inschatten'
    >>> gold_lemma("gegaan", "ten_onder_gaan", "VERB")
    'gaan'
    >>> gold_lemma("o.a.", "onder ander", "X")
    'o.a.'
    """
    if lemma == "_":
        return form
    if " " in lemma:
        return form.lower()
    parts = lemma.split("_")
    if len(parts) == 1 or "" in parts:
        return lemma.replace("_", "") or form
    if upos in ("VERB", "AUX"):
        phrase = len(parts) > 2 and parts[0] in MULTIWORD_PARTICLES
        return parts[-1] if phrase else "".join(parts)
    return _with_prefix_of(form, parts)


def _with_prefix_of(form: str, parts: list[str]) -> str:
    """Keep the form up to where its last component starts, then that component's lemma."""
    head, low = parts[-1], form.lower()
    best, best_length = -1, 0
    for start in range(1, len(form)):
        length = _common(low[start:], head.lower())
        if length > best_length or (length == best_length and length > 1):
            best, best_length = start, length
    if best_length < min(2, len(head)):
        return "".join(parts)
    prefix = form[:best]
    if parts[0][:1].islower():
        prefix = prefix[:1].lower() + prefix[1:]
    elif parts[0].isupper() is False and prefix.isupper() and len(prefix) > 4:
        prefix = prefix.capitalize()
    return prefix + head


def _common(left: str, right: str) -> int:
    """Length of the common beginning."""
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
