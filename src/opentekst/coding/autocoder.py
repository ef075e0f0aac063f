"""The public coder: good from the codebook alone, better with every answer that people code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from opentekst.codebook import Codebook
from opentekst.coding import zeroshot
from opentekst.coding.evidence import Explanation, Neighbour, Witness
from opentekst.coding.forced import Rule, Rules
from opentekst.coding.learned import HeldOut, Judged, Learned, Prior, Split, Tree, learn
from opentekst.coding.likeness import CodebookReader, Likeness
from opentekst.coding.reading import Texts, cutter, embedder_named, normalised
from opentekst.coding.triage import Point, Triaged, below, curve, threshold
from opentekst.coding.words import Embed, one_thread, same_text
from opentekst.errors import CodebookError
from opentekst.model import Normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

LEARN_FROM = 20
"""With a codebook, the coder learns from this many different coded answers on."""
SAME_TEXT = 0.95
"""The probability of a code that people gave to the very same text."""


class AutoCoder:
    """Gives answers their codes, in the manner of scikit-learn.

    With a `codebook` it codes before it has learned anything; `fit` learns from coded
    answers, with or without a codebook. The same input gives the same output, and an answer
    the same codes whatever answers stand beside it.

    `embedder` names the sentence vectors (`opentekst.language.embedder`) or is a function
    from texts to unit vectors. `rules` force or forbid codes. `prompt` says how plain texts
    are to be read (study.yaml's `prompt`: after "need", "geen tijd" is a need), `pipeline`
    with which spaCy pipeline. Raises PipelineError where a model is missing.
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        seed: int = 0,
        embedder: str | Embed = "use",
        rules: Sequence[Rule] = (),
        prompt: str = "need",
        pipeline: str = "nl_core_news_sm",
    ) -> None:
        self.codebook = codebook
        self.seed = seed
        self.embedder = embedder
        self.rules = tuple(rules)
        self.prompt = prompt
        self.pipeline = pipeline
        self.codes_: list[str] = [code.id for code in codebook.active] if codebook else []
        self.learned_: Learned | None = None
        self.coded_: list[tuple[str, str, frozenset[str]]] = []

    def fit(
        self,
        texts: Texts,
        codes: Iterable[Iterable[str]],
        *,
        questions: Sequence[str] | None = None,
        unlabelled: Texts = (),
    ) -> Self:
        """Learn from texts and the codes of each (none: "read, no code applies").

        `questions` says to which question each answer belongs, `unlabelled` are other answers
        of the same survey. With a codebook and fewer than `LEARN_FROM` different texts the
        codebook alone goes on coding. Raises CodebookError for texts and codes of different length,
        for a code that the codebook does not have, and where there is nothing to learn from.
        """
        items = self._read(texts)
        asked = list(questions) if questions is not None else [""] * len(items)
        sets = [frozenset([one] if isinstance(one, str) else one) for one in codes]
        self._check(items, sets, asked)
        if self.codebook is None:
            self.codes_ = sorted(set().union(*sets))
        truth = self._tree.leaves(self._matrix(sets))
        found = [self._codes(row) for row in truth]
        self.coded_ = [
            (item.text, question, own)
            for item, question, own in zip(items, asked, found, strict=True)
        ]
        self.__dict__.pop("_same", None)
        self.learned_ = None
        if self.codebook is None or _distinct(items) >= LEARN_FROM:
            more = self._read(unlabelled)
            with one_thread():
                split = Split.of(items, asked)
                prior = self._prior(self._likeness(split.items))
                self.learned_ = learn(split, truth, prior, more, self._tree, self._embed, self.seed)
        return self

    def predict_proba(self, texts: Texts, *, questions: Sequence[str] | None = None) -> Floats:
        """Return the probability of each code, shape (texts, len(codes_)).

        It is the chance that a person gives this very code: of a parent, the chance that it
        is given itself and not through a child (`Codebook.net` adds the parents).
        """
        return self.judge(self._read(texts), questions).probability

    def predict(
        self, texts: Texts, *, questions: Sequence[str] | None = None
    ) -> list[frozenset[str]]:
        """Return the codes of each text; a child stands for its parents."""
        return [self._codes(row) for row in self.judge(self._read(texts), questions).given]

    def triage(
        self, texts: Texts, target: float = 0.80, *, questions: Sequence[str] | None = None
    ) -> list[Triaged]:
        """Return for each text its codes, how sure the whole set is, and who has the say.

        `automatic` answers may be left to the machine: of such answers, at least `target`
        have exactly the codes that people give, with 80% confidence, measured on coded
        answers that were held out; and every segment of the answer is explained. A coder that
        learned from fewer than 40 answers leaves everything to people.
        """
        return self.triaged(self.judge(self._read(texts), questions), target, questions)

    def explain(self, text: str | Normalised, *, question: str = "") -> Explanation:
        """Return why a text gets its codes.

        Evidence spans are offsets into `text`; the neighbours are the coded answers that are
        nearest to it; reasons are Dutch sentences.
        """
        item = text if isinstance(text, Normalised) else self._read([text])[0]
        judged = self.judge([item], [question])
        codes = self._codes(judged.given[0])
        return Explanation(
            codes,
            self.witness([item], judged).spans(0, codes),
            self._neighbours(item, question),
            tuple(self._reasons(item, question, judged)),
        )

    def curve(self) -> list[Point]:
        """Return the production-accuracy curve on held-out answers; empty before learning."""
        if self.learned_ is None:
            return []
        held = self.learned_.held_out
        return curve(held.sure, held.right, held.covered)

    def save(self, path: str | Path) -> None:
        """Write the coder to a file, without pickle. It holds the coded texts."""
        from opentekst.coding.saving import save

        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> AutoCoder:
        """Read a coder that `save` wrote. Raises PipelineError for any other file."""
        from opentekst.coding.saving import load

        return load(Path(path))

    # What the pipeline asks: views of answers that are already normalised.

    def judge(self, items: Sequence[Normalised], questions: Sequence[str] | None = None) -> Judged:
        """Judge normalised answers; rules and identical coded answers outrank the model."""
        if not self.codes_:
            raise CodebookError(
                "deze codeur heeft geen codeboek en heeft nog niets geleerd",
                remedy="Geef een codeboek, of leer eerst: fit(teksten, codes).",
            )
        asked = list(questions) if questions is not None else [""] * len(items)
        with one_thread():
            split = Split.of(items, asked)
            prior = self._prior(self._likeness(split.items))
            if self.learned_ is None or not items:
                judged = self._untaught(prior, split)
            else:
                judged = self.learned_.judge(split, prior, self._embed, self._tree)
            return self._outranked(judged, split)

    def triaged(
        self, judged: Judged, target: float, questions: Sequence[str] | None = None
    ) -> list[Triaged]:
        """Return the triage of answers that were judged.

        A question of which held-out answers, as sure as that, fall short of the target is
        left to people whole.
        """
        import numpy as np

        if self.learned_ is None:
            kept = np.maximum(judged.probability, 1 - judged.probability)
            return [
                Triaged(self._codes(row), float(chance), False)
                for row, chance in zip(judged.given, kept.prod(axis=1), strict=True)
            ]
        held = self.learned_.held_out
        limit = threshold(held.sure, held.right, held.covered, target)
        taken = (held.sure >= limit) & held.covered
        own = [question for _, question, _ in self.coded_[: len(taken)]]
        weak = below(own, taken, held.right, target)
        sure = self.learned_.sets.probability(judged.signs)
        asked = questions if questions is not None else [""] * len(sure)
        return [
            Triaged(
                self._codes(row),
                float(chance),
                bool(chance >= limit and whole and question not in weak),
            )
            for row, chance, whole, question in zip(
                judged.given, sure, judged.covered, asked, strict=True
            )
        ]

    def measure_on(self, first: int) -> None:
        """Let only the `first` answers it learned from say how far the coder may be trusted.

        The others may come from another survey, on which it may do better or worse.
        """
        if self.learned_ is not None:
            mine = {name: of[:first] for name, of in self.learned_.held_out._asdict().items()}
            self.learned_ = replace(self.learned_, held_out=HeldOut(**mine))

    def held_out(self, items: Sequence[Normalised]) -> HeldOut:
        """Return the coder on the answers it learned from, each judged without it; rules hold."""
        if self.learned_ is None:
            raise CodebookError("deze codeur heeft nog niets geleerd", remedy="Leer eerst: fit().")
        held = self.learned_.held_out
        probability, given = held.probability.copy(), held.given.copy()
        self._rule(items, probability, given)
        given = self._tree.leaves(given)
        own = [codes for _, _, codes in self.coded_[: len(given)]]
        right = (given == self._matrix(own)).all(axis=1)
        return held._replace(probability=probability, given=given, right=right)

    def _rule(self, items: Sequence[Normalised], probability: Floats, given: Truth) -> None:
        """Give what rules force and take what they forbid."""
        column = {code: k for k, code in enumerate(self.codes_)}
        for row, item in enumerate(items):
            for rule, _ in self._rules.found(item):
                probability[row, column[rule.code]] = float(rule.effect == "force")
                given[row, column[rule.code]] = rule.effect == "force"

    def witness(self, items: Sequence[Normalised], judged: Judged) -> Witness:
        """Return what shows the evidence in answers that were judged."""
        hits = self._likeness(items).hits
        return Witness(items, self.codes_, hits, self._rules, self.learned_, judged)

    def rule_reasons(self, item: Normalised) -> tuple[str, ...]:
        """Return what the rules that speak in an answer do, and why, in Dutch."""
        verbs = {"force": "geeft", "forbid": "verbiedt"}
        found = [rule for rule, _ in self._rules.found(item)]
        said = [f"een regel {verbs[rule.effect]} '{rule.code}': {rule.reason}" for rule in found]
        return tuple(dict.fromkeys(said))

    def _codes(self, given: Iterable[bool]) -> frozenset[str]:
        return frozenset(code for code, own in zip(self.codes_, given, strict=True) if own)

    def _read(self, texts: Texts) -> list[Normalised]:
        return normalised(texts, self.codebook, self.prompt, self.pipeline)

    @cached_property
    def _embed(self) -> Embed:
        return embedder_named(self.embedder)

    @cached_property
    def _reader(self) -> CodebookReader | None:
        if self.codebook is None:
            return None
        return CodebookReader(self.codebook, cutter(self.pipeline), self._embed)

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self.rules, self.codes_, cutter(self.pipeline))

    @property
    def _tree(self) -> Tree:
        above = self.codebook.ancestors if self.codebook else lambda _code: ()
        return Tree.of(self.codes_, above)

    @cached_property
    def _same(self) -> Mapping[tuple[str, str], frozenset[str] | None]:
        """The codes of every coded text under its question; None where people differed."""
        known: dict[tuple[str, str], frozenset[str] | None] = {}
        for text, question, codes in self.coded_:
            key = (question, same_text(text))
            known[key] = codes if known.get(key, codes) == codes else None
        return known

    def _likeness(self, items: Sequence[Normalised]) -> Likeness:
        import numpy as np

        if self._reader is not None:
            return self._reader.read(items)
        return Likeness(np.zeros((len(items), len(self.codes_), 0)), [{} for _ in items])

    def _prior(self, likeness: Likeness) -> Prior:
        import numpy as np

        features = likeness.features
        if not features.shape[2]:
            nothing = np.zeros(features.shape[:2])
            return Prior(nothing, nothing)
        return Prior(zeroshot.log_odds(features), features[:, :, 0])

    def _untaught(self, prior: Prior, split: Split) -> Judged:
        import numpy as np
        from scipy.special import expit

        probability = np.asarray(expit(prior.log_odds))
        cut = zeroshot.cut(self.codebook) if self.codebook else zeroshot.POOR
        given = self._tree.leaves(probability >= cut)
        n, nothing = split.answers, np.zeros(len(split.items))
        return Judged(
            probability[:n], nothing[:n], nothing[:n], given[:n],
            split.owner, given[n:], probability[n:], nothing[n:],
        )  # fmt: skip

    def _outranked(self, judged: Judged, split: Split) -> Judged:
        """Apply what stands above the model: nothing to code, the very same text, rules."""
        import numpy as np

        probability, given = judged.probability.copy(), judged.given.copy()
        agreement, familiar = judged.agreement.copy(), judged.familiar.copy()
        items = split.items[: split.answers]
        for row, item in enumerate(items):
            known = self._same.get((split.questions[row], same_text(item.text)))
            if not item.segments or "no_answer" in item.flags:
                known = frozenset()
            if known is not None:
                own = np.array([code in known for code in self.codes_])
                probability[row] = np.where(own, SAME_TEXT, 1 - SAME_TEXT)
                given[row], agreement[row], familiar[row] = own, 1, 1
        self._rule(items, probability, given)
        given = self._tree.leaves(given)
        return judged._replace(
            probability=probability, given=given, agreement=agreement, familiar=familiar
        )

    def _neighbours(self, item: Normalised, question: str) -> tuple[Neighbour, ...]:
        if self.learned_ is None:
            return ()
        near = self.learned_.members.near(self.learned_.space.rows([item], [question], self._embed))
        return tuple(
            Neighbour(self.coded_[row][0], self.coded_[row][2], round(float(similarity), 3))
            for row, similarity in zip(near.row[0], near.similarity[0], strict=True)
        )

    def _reasons(self, item: Normalised, question: str, judged: Judged) -> Iterable[str]:
        yield from self.rule_reasons(item)
        if self._same.get((question, same_text(item.text))) is not None:
            yield "mensen gaven deze zelfde tekst deze codes"
        if self.learned_ is None:
            yield "alleen het codeboek oordeelt: er zijn nog te weinig gecodeerde antwoorden"
        if not judged.covered[0]:
            yield "een deel van het antwoord is niet verklaard: laat het aan een mens"

    def _check(
        self, items: Sequence[Normalised], sets: Sequence[frozenset[str]], asked: Sequence[str]
    ) -> None:
        for name, found in (("codes", len(sets)), ("vragen", len(asked))):
            if found != len(items):
                raise CodebookError(
                    f"er zijn {len(items)} teksten en {found} reeksen {name}",
                    remedy=f"Geef voor elke tekst haar {name}, ook waar er geen zijn.",
                )
        given = frozenset().union(*sets)
        if self.codebook is None and (_distinct(items) < 2 or not given):
            raise CodebookError(
                "er is niets om van te leren",
                found=f"{len(items)} teksten, {len(given)} codes",
                remedy="Geef meer gecodeerde teksten, of een codeboek.",
            )
        if self.codebook is not None and (unknown := sorted(given - set(self.codes_))):
            raise CodebookError(
                f"codes die niet in codeboek '{self.codebook.id}' staan",
                found=", ".join(unknown[:5]),
                remedy="Verbeter de codes, of voeg ze toe aan het codeboek.",
            )

    def _matrix(self, sets: Sequence[frozenset[str]]) -> Truth:
        import numpy as np

        rows = [[code in own for code in self.codes_] for own in sets]
        return np.array(rows, dtype=bool).reshape(len(sets), len(self.codes_))


def _distinct(items: Sequence[Normalised]) -> int:
    """Return the number of different texts with words in them."""
    return len({same_text(item.text) for item in items if item.tokens} - {""})
