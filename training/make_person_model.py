"""Train the person finder that ships: `python training/make_person_model.py`.

A logistic regression over the features of `language/person_features.py`, on UD_Dutch-Alpino
and -LassySmall (dev and test parts, CC BY-SA 4.0; persons picked by hand in `ud_persons.txt`)
and on made-up survey answers (`person_sentences.txt`, names drawn from the shipped list, seed
2021). Nothing of CoNLL-2002 is used. The weights are CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from opentekst.language.embeddings import embed
from opentekst.language.name_shape import BUCKETS, Shape, grams, shape_features
from opentekst.language.names import fold, lexicon, ordinary_words, words
from opentekst.language.person_cues import CAPITAL_PARTICLES
from opentekst.language.person_features import candidates, features, marks, runs

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "opentekst" / "language" / "data" / "persons.json.gz"
PARTS = ("alpino-dev", "alpino-test", "lassy-dev", "lassy-test")
PARTICLES = ("Van", "De", "Van de", "Van den", "Van der", "El", "Ben", "van", "de", "van den", "D'")
SEED = 2021
ROUNDS = 12

SWAPS = 3
FOLDS = 5
LISTED = 3000
STRENGTH = 0.5

Example = tuple[str, frozenset[tuple[int, int]], float]
Lists = dict[str, list[str]]


def treebank(folder: Path) -> Iterator[Example]:
    """Yield the treebanks' sentences with the offsets of the persons in them."""
    lines = (HERE / "ud_persons.txt").read_text(encoding="utf-8").splitlines()
    unsure = {line[1:] for line in lines if line.startswith("?")}
    persons = {line for line in lines if line[:1] not in ("#", "?")}
    for part in PARTS:
        for sentence in (folder / f"{part}.conllu").read_text(encoding="utf-8").split("\n\n"):
            text, names = _proper_nouns(sentence)
            found = [(s, e) for s, e in names if _bare(text[s:e]) in persons]
            if text and not any(text[s:e] in unsure for s, e in names):
                yield text, frozenset((e - len(_bare(text[s:e])), e) for s, e in found), 1.0


_TITLE = re.compile(
    r"^((?:mgr|dr|drs|mr|Mr|Dr|prof|Prof|ir|Sir|Lt|Baron|Onderluitenant|ERA|Padrone|Ridder"
    r"|Abbé)\.? )+"
)


def _bare(name: str) -> str:
    return _TITLE.sub("", name)


def _proper_nouns(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    text, rows = "", []
    spans: list[tuple[int, int]] = []
    for line in sentence.splitlines():
        cells = line.split("\t")
        if len(cells) == 10 and cells[0].isdigit():
            start = len(text)
            text += cells[1]
            rows.append((int(cells[0]), int(cells[6]), cells[4], cells[7], start, len(text)))
            text += "" if "SpaceAfter=No" in cells[9] else " "
    open_ids: set[int] = set()
    for number, head, tag, relation, start, end in rows:
        if not tag.startswith(("SPEC|deeleigen", "N|eigen")):
            open_ids = set()
        elif open_ids and relation == "flat" and head in open_ids:
            open_ids.add(number)
            spans[-1] = (spans[-1][0], end)
        else:
            open_ids = {number}
            spans.append((start, end))
    return text.rstrip(), spans


def made_up() -> Iterator[Example]:
    """Yield the made-up answers, `ROUNDS` times, each time with other names."""
    chance = random.Random(SEED)
    own = (HERE / "names_own.txt").read_text(encoding="utf-8")
    near = re.split(r"^(?:first|last|place|organisation)$", own, flags=re.MULTILINE)
    local_first, local_last = near[1].split(), [n.replace("_", " ") for n in near[2].split()]
    lists = {kind: sorted(names) for kind, names in lexicon()._asdict().items()}
    for line in (HERE / "person_sentences.txt").read_text(encoding="utf-8").splitlines()[3:]:
        for _ in range(ROUNDS if "{" in line else 2):
            yield _filled(line, chance, local_first, local_last, lists)


def swapped(examples: Iterable[Example]) -> Iterator[Example]:
    """Yield each example, and where it holds persons `SWAPS` copies with other names.

    Every capitalised word of a name is replaced by a listed name or, one time in three, by
    one put together from halves of two, which no list knows.
    """
    chance = random.Random(SEED)
    lists = {kind: sorted(names) for kind, names in lexicon()._asdict().items()}
    for text, persons, _ in examples:
        yield text, persons, 0.5 if persons else 1.0
        for _ in range(SWAPS if persons else 0):
            yield *_renamed(text, persons, chance, lists), 0.5 / SWAPS


def _renamed(
    text: str, persons: frozenset[tuple[int, int]], chance: random.Random, lists: Lists
) -> tuple[str, frozenset[tuple[int, int]]]:
    new, spans, last = "", [], 0
    for start, end in sorted(persons):
        new += text[last:start]
        parts = text[start:end].split()
        begin = len(new)
        for at, part in enumerate(parts):
            ends = at == len(parts) - 1
            if part[0].isupper() and part[-1] != "." and fold(part) not in CAPITAL_PARTICLES:
                part = _new_name(ends and (len(parts) > 1 or chance.random() < 0.7), chance, lists)
            new += part + ("" if ends else " ")
        spans.append((begin, len(new)))
        last = end
    return new + text[last:], frozenset(spans)


def _new_name(surname: bool, chance: random.Random, lists: Lists) -> str:
    kind = ("last" if surname else "first") + ("_far" if chance.random() < 0.5 else "")
    name = chance.choice(lists[kind]).split()[-1]
    if chance.random() < 1 / 3:
        other = chance.choice(lists[kind]).split()[-1]
        name = name[: len(name) // 2 + 1] + other[len(other) // 2 :]
    return _cased(name)


def _filled(
    line: str,
    chance: random.Random,
    local_first: list[str],
    local_last: list[str],
    lists: Lists,
) -> Example:
    def draw(local: list[str], kind: str) -> str:
        if chance.random() < 0.2:
            kind += "_far"
        return chance.choice(local) if chance.random() < 0.5 else _cased(chance.choice(lists[kind]))

    def value(key: str) -> str:
        if key == "f":
            return draw(local_first, "first")
        if key == "l":
            return draw(local_last, "last")
        if key == "v":
            return f"{chance.choice(PARTICLES)} {draw(local_last, 'last').split()[-1]}"
        if key == "i":
            return chance.choice("ABCDEFGHIJKLMNPRSTVW") + "."
        return _cased(chance.choice(lists["place"]))

    text, spans = "", []
    for piece in re.split(r"(\{\w\}(?: \{[flvi]\})*)", line):
        start = len(text)
        text += re.sub(r"\{(\w)\}", lambda match: value(match.group(1)), piece)
        if piece.startswith("{") and not piece.startswith("{p}"):
            spans.append((start, len(text)))
    return text, frozenset(spans), 0.5


def _cased(name: str) -> str:
    return re.sub(r"(?<![^\W_'])[^\W\d_]", lambda match: match.group().upper(), name)


class Instance(NamedTuple):
    """A stretch that may be a name: what it is, and how much it counts."""

    text: str
    capitals: int
    facts: str
    features: dict[str, float]
    person: bool
    weight: float


def instances(examples: Iterable[Example]) -> Iterator[Instance]:
    """Yield every stretch of the examples that may be a name."""
    for text, persons, weight in examples:
        found = words(text)
        padded = [None, *found, None]
        for start, end in runs(found):
            for first, last in candidates(found, start, end):
                begin, stop = found[first].start, found[last].end
                yield Instance(
                    text[begin:stop],
                    sum(word.is_name_like for word in found[first : last + 1]),
                    marks(found[last].text),
                    features(padded, first + 1, last + 1, (start + 1, end + 1)),
                    (begin, stop) in persons,
                    weight,
                )


def shapes(rows: Sequence[Instance]) -> tuple[list[tuple[float, float]], dict[str, Any]]:
    """Return both judges' views of every row, and the judges themselves, ready to ship.

    Each row is judged by judges that did not learn from its text: the texts are dealt into
    `FOLDS` parts, and each part is judged by what was learnt from the others.
    """
    import numpy as np

    texts, labels, weights = _shape_material(rows)
    vectors = embed(texts)
    folds = np.array([zlib.crc32(fold(text).encode()) % FOLDS for text in texts])
    views: dict[str, tuple[float, float]] = {}
    for part in range(FOLDS):
        judges = _judges(texts, vectors, labels, weights, folds != part)
        shape = Shape(judges)
        mine = [text for text, own in zip(texts, folds == part, strict=True) if own]
        for text, meaning in zip(mine, shape.meanings(mine), strict=True):
            views[text] = (shape.letters(text), meaning)
    everything = _judges(texts, vectors, labels, weights, folds >= 0)
    return [views[row.text] for row in rows], everything


def _shape_material(rows: Sequence[Instance]) -> tuple[list[str], Any, Any]:
    """Return distinct texts, whether each is a person, and how much each counts."""
    import numpy as np

    chance = random.Random(SEED)
    counted: dict[tuple[str, bool], float] = {}
    for row in rows:
        key = row.text, row.person
        counted[key] = min(2.0, counted.get(key, 0.0) + row.weight)
    for kind, names in lexicon()._asdict().items():
        drawn = sorted(names)
        if len(drawn) > LISTED:
            drawn = chance.sample(drawn, LISTED)
        person = kind not in ("place", "organisation")
        for name in drawn:
            counted.setdefault((_cased(name), person), 1.0)
    for word in chance.sample(sorted(ordinary_words()), LISTED // 2):
        counted.setdefault((word.capitalize(), False), 1.0)
    texts = [text for text, _ in counted]
    return texts, np.array([person for _, person in counted]), np.array(list(counted.values()))


def _judges(texts: list[str], vectors: Any, labels: Any, weights: Any, rows: Any) -> dict[str, Any]:
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    found = [grams(text) for text in texts]
    ends = np.cumsum([0, *map(len, found)])
    matrix = csr_matrix(
        (np.ones(ends[-1]), np.concatenate(found), ends), shape=(len(texts), BUCKETS)
    )
    letters = LogisticRegression(C=0.1, max_iter=500)
    letters.fit(matrix[rows], labels[rows], sample_weight=weights[rows])
    meaning = LogisticRegression(C=10, max_iter=500)
    meaning.fit(vectors[rows], labels[rows], sample_weight=weights[rows])
    step = float(np.abs(letters.coef_).max()) / 127
    packed = np.round(letters.coef_[0] / step + 128).astype(np.uint8).tobytes()
    return {
        "grams": base64.b64encode(packed).decode(),
        "grams_step": round(step, 6),
        "grams_bias": round(float(letters.intercept_[0]), 3),
        "meaning": [round(float(weight), 2) for weight in meaning.coef_[0]],
        "meaning_bias": round(float(meaning.intercept_[0]), 3),
    }


def main() -> None:
    """Train, write the weights and say how large they are."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(description=__doc__)
    shared = HERE.parent.parent / "shared"
    parser.add_argument("--treebanks", type=Path, default=shared / "data" / "ud_nl")
    real = treebank(parser.parse_args().treebanks)
    rows = list(instances([*swapped(real), *made_up()]))
    views, shape = shapes(rows)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [
            row.features | shape_features(row.capitals, row.facts, *view)
            for row, view in zip(rows, views, strict=True)
        ]
    )
    keep = matrix.getnnz(axis=0) >= 2
    model = LogisticRegression(C=STRENGTH, max_iter=3000)
    truths = [row.person for row in rows]
    model.fit(matrix[:, keep], truths, sample_weight=[row.weight for row in rows])
    names = vectorizer.get_feature_names_out()[keep]
    weights = {
        name: round(float(weight), 2)
        for name, weight in zip(names, model.coef_[0], strict=True)
        if abs(weight) >= 0.03
    }
    bias = round(float(model.intercept_[0]), 3)
    content = {"bias": bias, "weights": weights, "shape": shape}
    packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(packed.encode(), 9, mtime=0))
    size = TARGET.stat().st_size // 1000
    print(f"{len(rows)} stretches, {sum(truths)} persons; {len(weights)} weights, {size} kB")


if __name__ == "__main__":
    main()
