"""Make the pipeline's word list from spacy-lookups-data and the training sentences."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from corpus import Sentence, Word
from opentekst.language.lemma_rules import AS_WRITTEN, inflected, lemma_of, without_ge
from opentekst.language.lexicon import Edit, Lexicon

KINDS = {"adj": "ADJ", "noun": "NOUN", "verb": "VERB", "adp": "ADP", "det": "DET", "pron": "PRON"}
LONGEST_SUFFIX = 6
COMMON_ROWS = 4000  # rarer sets of readings are cut down to their first reading


def _table(name: str) -> Any:
    path = resources.files("spacy_lookups_data") / "data" / f"nl_lemma_{name}.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


def word_list() -> dict[str, list[tuple[str, str]]]:
    """Return form -> (UPOS, lemma) pairs, most telling first, of spacy-lookups-data's lists."""
    index = {KINDS[k]: set(words) for k, words in _table("index").items()}
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, exceptions in _table("exc").items():
        if kind in KINDS:
            for form, lemmas in exceptions.items():
                if not _slip(form, lemmas[0]):
                    found[form].append((KINDS[kind], lemmas[0]))
    for form, lemma in _table("lookup").items():
        kinds = [upos for upos in ("VERB", "ADJ", "NOUN") if lemma in index[upos]]
        if not _slip(form, lemma):
            found[form] += [(upos, lemma) for upos in kinds] or [("X", lemma)]
    for upos in ("ADJ", "NOUN", "VERB", "ADP", "DET"):
        for word in sorted(index[upos]):
            found[word].append((upos, word))
    return {
        form: list(dict.fromkeys(pairs))
        for form, pairs in found.items()
        if form == form.lower() and "\n" not in form and len(form) > 1
    }


def _slip(form: str, lemma: str) -> bool:
    """Tell the list's slips that give a plain participle ("gekomen") to "omkomen"."""
    bare = form[2:]
    if not form.startswith("ge") or lemma.startswith("ge"):
        return False
    return bare in lemma and not lemma.startswith(bare)


def _edit(upos: str, form: str, lemma: str) -> Edit:
    same = 0
    while same < min(len(form), len(lemma)) and form[same] == lemma[same]:
        same += 1
    return Edit(upos, len(form) - same, lemma[same:])


def build(sentences: Sequence[Sentence]) -> Lexicon:
    """Return the word list; of the treebanks it holds only what the rules would get wrong."""
    listed = word_list()
    edits = {
        form: tuple(_edit(upos, form, lemma) for upos, lemma in pairs)
        for form, pairs in listed.items()
    }
    common = {row for row, _ in Counter(edits.values()).most_common(COMMON_ROWS)}
    rows: dict[tuple[Edit, ...], int] = {}
    forms: dict[str, int] = {}
    for form in sorted(edits):
        row = edits[form] if edits[form] in common else edits[form][:1]
        forms[form] = rows.setdefault(row, len(rows))
    words = [word for sentence in sentences for word in sentence.words]
    suffixes = _suffix_rules(listed, words)
    particles = _particles(sentences)
    lexicon = Lexicon(forms, list(rows), {}, suffixes, particles)
    exceptions = _exceptions(lexicon, sentences)
    return Lexicon(forms, list(rows), exceptions, suffixes, particles)


def _suffix_rules(
    listed: Mapping[str, Iterable[tuple[str, str]]], words: Iterable[Word]
) -> dict[str, tuple[int, str]]:
    """Learn, for inflected forms, the commonest edit of every ending; drop what a shorter says."""
    triples = Counter(
        (form, upos, lemma)
        for form, pairs in listed.items()
        for upos, lemma in pairs
        if upos in ("NOUN", "VERB", "ADJ") and form != lemma
    )
    for word in words:
        form, lemma = word.form.lower(), word.lemma.lower()
        if word.upos in ("NOUN", "VERB", "ADJ") and inflected(word.xpos) and form.isalpha():
            triples[form, word.upos, lemma] += 3
    votes: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for (form, upos, lemma), weight in triples.items():
        stem = without_ge(form, lemma) if upos == "VERB" else form
        edit = _edit(upos, stem, lemma)
        if edit.cut > LONGEST_SUFFIX:
            continue
        for length in range(max(edit.cut, 0), min(LONGEST_SUFFIX, len(stem)) + 1):
            votes[f"{upos} {stem[len(stem) - length :]}"][edit.cut, edit.add] += weight
    return _pruned(votes)


def _pruned(votes: Mapping[str, Counter[tuple[int, str]]]) -> dict[str, tuple[int, str]]:
    kept: dict[str, tuple[int, str]] = {}
    for key in sorted(votes, key=lambda k: (len(k), k)):
        edit, count = min(votes[key].items(), key=lambda item: (-item[1], item[0]))
        if votes[key].total() < 3 or count < 2:
            continue
        upos, _, ending = key.partition(" ")
        shorter = (f"{upos} {ending[i:]}" for i in range(1, len(ending) + 1))
        if ending and next((kept[s] for s in shorter if s in kept), None) == edit:
            continue
        kept[key] = edit
    return kept


def _particles(sentences: Sequence[Sentence]) -> frozenset[str]:
    """Return the separated particles that the treebanks join to their verbs' lemmas."""
    seen: Counter[str] = Counter()
    for sentence in sentences:
        for word in sentence.words:
            verb = sentence.words[word.head].lemma
            form = word.form.lower()
            if word.deprel == "compound:prt" and verb.startswith(form) and verb != form:
                seen[form] += 1
    return frozenset(seen)


def _exceptions(lexicon: Lexicon, sentences: Sequence[Sentence]) -> dict[str, str]:
    """Return the treebanks' lemmas where they differ from what lists and rules say."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    example: dict[str, Word] = {}
    for sentence in sentences:
        separated = {w.head for w in sentence.words if w.deprel == "compound:prt"}
        for i, word in enumerate(sentence.words):
            if i not in separated and not _part_is_elsewhere(lexicon, word):
                key = _key(word)
                votes[key][word.lemma] += 1
                example.setdefault(key, word)
    exceptions: dict[str, str] = {}
    for key, lemmas in sorted(votes.items()):
        lemma, count = min(lemmas.items(), key=lambda item: (-item[1], item[0]))
        derived = lemma_of(lexicon, key.split(" ")[0], example[key].upos, example[key].xpos)
        if count > lemmas[derived]:
            exceptions[key] = lemma
    return exceptions


def _part_is_elsewhere(lexicon: Lexicon, word: Word) -> bool:
    """Tell whether a verb's lemma starts with a particle that its form lacks."""
    if word.upos != "VERB":
        return False
    form = word.form.lower()
    return any(word.lemma.startswith(p) and not form.startswith(p[:2]) for p in lexicon.particles)


def _key(word: Word) -> str:
    """Return what the exceptions go by: form (names as written), UPOS, inflected or not."""
    form = word.form if word.upos in AS_WRITTEN else word.form.lower()
    return f"{form} {word.upos}" + (" +" if inflected(word.xpos) else "")
