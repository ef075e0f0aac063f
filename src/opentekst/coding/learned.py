"""What the coder learns from answers that people coded, and how well it does on others.

Everything that is said of quality comes from answers that were held out: five folds, with
identical texts in one fold, and the combiner and the set coder cross-fitted in their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from opentekst.coding.members import Combiner, Members, best_cuts, log_rate
from opentekst.coding.space import Rows, Space
from opentekst.coding.triage import SetCoder, signs
from opentekst.coding.words import Embed, content_words, parts_of, same_text
from opentekst.model import Normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

FOLDS = 5
FAMILIAR = 0.3
"""A stretch of text without a code counts as read where a coded answer is at least this near."""


class Prior(NamedTuple):
    """What the codebook alone says: log-odds and keyword hits, each (answers, codes)."""

    log_odds: Floats
    keyword: Floats


@dataclass(frozen=True)
class Tree:
    """The codes' hierarchy as arrays.

    `above[k, j]` says that code j is an ancestor of code k; `nets` are the codes with
    children, and `parent[k]` is the column of k's parent's net, after the codes' own, or k.
    """

    above: Truth
    nets: NDArray[np.int64]
    parent: NDArray[np.int64]

    @classmethod
    def of(cls, codes: Sequence[str], ancestors: Callable[[str], Sequence[str]]) -> Tree:
        """Make the arrays from each code's ancestors, nearest first."""
        import numpy as np

        column = {code: k for k, code in enumerate(codes)}
        above = np.zeros((len(codes), len(codes)), dtype=bool)
        nearest = list(range(len(codes)))
        for k, code in enumerate(codes):
            over = [column[one] for one in ancestors(code) if one in column]
            above[k, over] = True
            nearest[k] = over[0] if over else k
        nets = np.flatnonzero(above.any(axis=0))
        place = {int(net): len(codes) + i for i, net in enumerate(nets)}
        parent = [place.get(near, k) if near != k else k for k, near in enumerate(nearest)]
        return cls(above, nets, np.array(parent, dtype=np.int64))

    def with_nets(self, truth: Truth) -> Truth:
        """Return the truth with a column more for each net: the code or one under it."""
        import numpy as np

        under = truth @ self.above
        return np.hstack([truth, (truth | under)[:, self.nets]])

    def leaves(self, given: Truth) -> Truth:
        """Return sets without what a more precise code implies."""
        return given & ~(given @ self.above)


class Judged(NamedTuple):
    """The coder's view of answers, and of the segments of those that have more than one.

    `owner` says to which answer a segment belongs. `agreement` is the share of the nearest
    coded answers with just this set; `familiar` how near the nearest is.
    """

    probability: Floats
    agreement: Floats
    familiar: Floats
    given: Truth
    owner: NDArray[np.int64]
    part_given: Truth
    part_probability: Floats
    part_familiar: Floats

    @property
    def covered(self) -> Truth:
        """True where every segment of an answer is explained.

        A segment is, by itself, given codes that the answer has too; or it is given none, and
        people coded something very like it.
        """
        covered = self.given.any(axis=1) | (self.familiar >= FAMILIAR)
        extra = (self.part_given & ~self.given[self.owner]).any(axis=1)
        blank = ~self.part_given.any(axis=1) & (self.part_familiar < FAMILIAR)
        covered[self.owner[extra | blank]] = False
        return covered

    @property
    def signs(self) -> Floats:
        """What tells whether the whole set is right."""
        return signs(self.probability, self.given, self.agreement, self.familiar)


class HeldOut(NamedTuple):
    """The coder on answers that it did not learn from, in the order of the coded answers."""

    probability: Floats
    given: Truth
    sure: Floats
    right: Truth
    covered: Truth


@dataclass(frozen=True)
class Learned:
    """All that was learned; `held_out` is what may be said of it."""

    space: Space
    members: Members
    combiner: Combiner
    cuts: Floats
    sets: SetCoder
    held_out: HeldOut

    def judge(self, split: Split, prior: Prior, embed: Embed, tree: Tree) -> Judged:
        """Judge answers that may be new."""
        rows = self.space.rows(split.items, split.questions, embed)
        evidence = _evidence(self.members, self.members.scores(rows), prior, tree)
        probability = self.combiner.probability(evidence)
        return _judged(probability, self.members, rows, split, self.cuts, tree)

    def word_weights(self, item: Normalised, column: int) -> list[float]:
        """Return how much each token of an answer speaks for a code; 0 for small words."""
        number = self.space.words.vocabulary_
        weight = self.members.coefficient[:, column].sum(axis=0)
        lemmas = [token.lemma.lower() for token in item.tokens]
        return [
            float(weight[number[lemma]]) if lemma in number and content_words(lemma) else 0.0
            for lemma in lemmas
        ]


class Split(NamedTuple):
    """Answers, and after them the segments of those that have more than one."""

    items: list[Normalised]
    questions: list[str]
    answers: int
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, items: Sequence[Normalised], questions: Sequence[str]) -> Split:
        """Split the answers."""
        import numpy as np

        parts, owner = [], []
        for row, item in enumerate(items):
            if len(item.segments) > 1:
                parts += parts_of(item)
                owner += [row] * len(item.segments)
        return cls(
            [*items, *parts],
            [*questions, *(questions[row] for row in owner)],
            len(items),
            np.array(owner, dtype=np.int64),
        )


def learn(
    split: Split,
    truth: Truth,
    prior: Prior,
    unlabelled: Sequence[Normalised],
    tree: Tree,
    embed: Embed,
    seed: int,
) -> Learned:
    """Learn from coded answers; `truth` has shape (answers, codes).

    `unlabelled` answers of the same survey help to tell rare words from common ones.
    """
    count = split.answers
    coded = split.items[:count]
    space = Space.learn([*coded, *unlabelled], split.questions[:count], embed, seed)
    rows = space.rows(split.items, split.questions, embed)
    wide = tree.with_nets(truth)
    folds = list(_folds([same_text(item.text) for item in coded], split.owner, seed))
    cross = [Members.learn(rows.at(fold.train), wide[fold.train]) for fold in folds]
    evidence = _held_out_evidence(cross, folds, rows, prior, tree)
    probability = _cross_fitted(evidence, truth, folds)
    cuts = best_cuts(probability[:count], truth)
    judged = _assembled(probability, cross, folds, rows, split, cuts, tree)
    right = (judged.given == truth).all(axis=1)
    held_out = HeldOut(
        probability[:count],
        judged.given,
        _sure(judged.signs, right, folds),
        right,
        judged.covered,
    )
    return Learned(
        space,
        Members.learn(rows.at(slice(count)), wide),
        Combiner.learn(evidence[:count], truth),
        cuts,
        SetCoder.learn(judged.signs, right),
        held_out,
    )


class _Fold(NamedTuple):
    """`test` also holds the segments of the answers held out; `held` only the answers."""

    train: NDArray[np.int64]
    held: NDArray[np.int64]
    test: NDArray[np.int64]


def _folds(keys: Sequence[str], owner: NDArray[np.int64], seed: int) -> Iterator[_Fold]:
    import numpy as np
    from sklearn.model_selection import GroupKFold

    count = min(FOLDS, len(set(keys)))
    folds = GroupKFold(count, shuffle=True, random_state=seed)
    for train, held in folds.split(keys, groups=keys):
        parts = np.flatnonzero(np.isin(owner, held)) + len(keys)
        yield _Fold(train, held, np.concatenate([held, parts]))


def _evidence(members: Members, scores: Floats, prior: Prior, tree: Tree) -> Floats:
    """Return what the combiner weighs, shape (answers, codes, 7)."""
    import numpy as np

    count = prior.log_odds.shape[1]
    rate = np.broadcast_to(log_rate(members.truth)[:count], prior.log_odds.shape)
    net = scores[:, tree.parent, 1]
    own = scores[:, :count]
    return np.stack(
        [rate, own[..., 0], own[..., 1], own[..., 2], net, prior.log_odds, prior.keyword], axis=-1
    )


def _held_out_evidence(
    cross: Sequence[Members], folds: Sequence[_Fold], rows: Rows, prior: Prior, tree: Tree
) -> Floats:
    import numpy as np

    evidence = np.zeros((*prior.log_odds.shape, 7))
    for members, fold in zip(cross, folds, strict=True):
        mine = Prior(prior.log_odds[fold.test], prior.keyword[fold.test])
        scores = members.scores(rows.at(fold.test))
        evidence[fold.test] = _evidence(members, scores, mine, tree)
    return evidence


def _cross_fitted(evidence: Floats, truth: Truth, folds: Sequence[_Fold]) -> Floats:
    """Return probabilities of a combiner that did not see the answer either."""
    import numpy as np

    probability = np.zeros(evidence.shape[:2])
    for fold in folds:
        combiner = Combiner.learn(evidence[fold.train], truth[fold.train])
        probability[fold.test] = combiner.probability(evidence[fold.test])
    return probability


def _assembled(
    probability: Floats,
    cross: Sequence[Members],
    folds: Sequence[_Fold],
    rows: Rows,
    split: Split,
    cuts: Floats,
    tree: Tree,
) -> Judged:
    """Judge every coded answer by the fold that did not learn from it."""
    import numpy as np

    total = len(split.items)
    agreement, familiar = np.zeros(total), np.zeros(total)
    given = tree.leaves(probability >= cuts)
    for members, fold in zip(cross, folds, strict=True):
        found = _company(members, rows.at(fold.test), given[fold.test])
        agreement[fold.test], familiar[fold.test] = found
    return _split_view(probability, agreement, familiar, given, split)


def _judged(
    probability: Floats, members: Members, rows: Rows, split: Split, cuts: Floats, tree: Tree
) -> Judged:
    given = tree.leaves(probability >= cuts)
    return _split_view(probability, *_company(members, rows, given), given, split)


def _company(members: Members, rows: Rows, given: Truth) -> tuple[Floats, Floats]:
    """Return how far the nearest coded answers have the same set, and how near the first is."""
    near = members.near(rows)
    same = (members.truth[near.row][:, :, : given.shape[1]] == given[:, None, :]).all(axis=2)
    return (same * near.weight).sum(axis=1), near.similarity[:, 0]


def _split_view(
    probability: Floats, agreement: Floats, familiar: Floats, given: Truth, split: Split
) -> Judged:
    n = split.answers
    return Judged(
        probability[:n], agreement[:n], familiar[:n], given[:n],
        split.owner, given[n:], probability[n:], familiar[n:],
    )  # fmt: skip


def _sure(found: Floats, right: Truth, folds: Sequence[_Fold]) -> Floats:
    """Return the chance of each whole set, by a set coder that did not see the answer."""
    import numpy as np

    sure = np.zeros(len(right))
    for fold in folds:
        sets = SetCoder.learn(found[fold.train], right[fold.train])
        sure[fold.held] = sets.probability(found[fold.held])
    return sure
