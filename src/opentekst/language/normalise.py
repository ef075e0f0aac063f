"""The recipe of room 2: an Answer becomes a Normalised, with offsets that lead back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from opentekst.language.abbreviations import Abbreviations, shipped
from opentekst.language.cleaning import clean
from opentekst.language.matching import protected
from opentekst.language.non_answers import flags_of
from opentekst.language.parsing import Parsed, Parser
from opentekst.language.person_scores import BATCH
from opentekst.language.pipelines import PipelineId
from opentekst.language.words import Words, study_words
from opentekst.model import Answer, Normalised

NAMES_REMOVED = "names_removed"


class Memory(Protocol):
    """What keeps earlier work, such as pipeline/cache.py: text by key."""

    def get(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return what is known of the keys."""

    def put(self, items: Mapping[str, str]) -> None:
        """Keep these."""


@dataclass
class _Forgetful:
    """Keeps nothing."""

    def get(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    def put(self, items: Mapping[str, str]) -> None:
        return


@dataclass(frozen=True)
class Lexicon:
    """What a study knows beside the Dutch word list.

    `keywords` are those of its codebooks, and other texts whose words are meant as they
    stand; `places` are names that are never a person's (the units); `abbreviations` its own
    list or the shipped one.
    """

    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    abbreviations: Abbreviations = field(default_factory=shipped)


def normalise_answers(
    answers: Sequence[Answer],
    prompts: Mapping[str, str],
    pipeline: PipelineId,
    progress: Callable[[int], None] = lambda _n: None,
    lexicon: Lexicon | None = None,
    memory: Memory | None = None,
) -> list[Normalised]:
    """Normalise answers, in their order; each distinct text is parsed once.

    `prompts` maps a question id to what it asks for (study.yaml's `prompt`); `progress`
    is called with the number of distinct texts done since the last call; `memory` keeps
    the work for a next time. The same answers give the same result with and without it.
    """
    lexicon = lexicon or Lexicon()
    tracked = {answer.text: clean(answer.text) for answer in answers}
    anchors = {text: item.anchors() for text, item in tracked.items()}
    cleaned = {text: item.text for text, item in tracked.items()}
    del tracked
    distinct = list(dict.fromkeys(cleaned.values()))
    words = study_words(distinct, [*lexicon.keywords, *lexicon.abbreviations.meaning])
    parsed = _parsed(distinct, pipeline, words, lexicon, memory or _Forgetful(), progress)
    return [
        _normalised(answer, cleaned[answer.text], anchors[answer.text], parsed, prompts)
        for answer in answers
    ]


def _parsed(
    texts: Sequence[str],
    pipeline: PipelineId,
    words: Words,
    lexicon: Lexicon,
    memory: Memory,
    progress: Callable[[int], None],
) -> Mapping[str, Parsed]:
    """Return what the pipeline makes of each text, from memory where it is there."""
    settings = "\0".join(
        [
            recipe(), str(pipeline), words.fingerprint, lexicon.abbreviations.fingerprint,
            protected(lexicon.keywords), *lexicon.places,
        ]
    )  # fmt: skip
    stem = hashlib.sha256(settings.encode())
    found: dict[str, Parsed] = {}
    parser: Parser | None = None
    for batch in _batches(texts):
        keys = {text: _key(stem, text) for text in batch}
        known = memory.get(list(keys.values()))
        new = [text for text in batch if keys[text] not in known]
        for text in batch:
            if keys[text] in known:
                found[text] = Parsed.from_json(json.loads(known[keys[text]]))
        progress(len(batch) - len(new))
        if not new:
            continue
        parser = parser or Parser(
            pipeline.name, words, lexicon.abbreviations, lexicon.keywords, lexicon.places
        )
        fresh: dict[str, str] = {}
        for text, item in zip(new, parser.pipe(new), strict=True):
            found[text] = item
            fresh[keys[text]] = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
            progress(1)
        memory.put(fresh)
    return found


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _key(stem: Any, text: str) -> str:
    digest = stem.copy()
    digest.update(text.encode())
    return str(digest.hexdigest())


@cache
def recipe() -> str:
    """Return a hash of this room's source: another recipe makes earlier work worthless."""
    digest = hashlib.sha256()
    folder = Path(str(files("opentekst.language")))
    for path in sorted([*folder.glob("*.py"), *folder.glob("*.sha256")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _normalised(
    answer: Answer,
    text: str,
    anchors: tuple[tuple[int, int], ...],
    parsed: Mapping[str, Parsed],
    prompts: Mapping[str, str],
) -> Normalised:
    item = parsed[text]
    prompt = prompts[answer.question]
    empty = flags_of(text, prompt)
    flags = empty or frozenset(item.flags)
    if item.names:
        flags |= {NAMES_REMOVED}
    denied = item.denied(prompt)
    tokens = item.tokens
    if denied and not empty:
        tokens = tuple(token._replace(negated=i in denied) for i, token in enumerate(tokens))
    return Normalised(answer.id, text, tokens, item.segments, flags, anchors, item.names)
