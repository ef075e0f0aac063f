"""Whether topics find what the codebook misses, beside BERTopic with its defaults.

    python benchmarks/topics.py [--seeds 5] [--parts example restaurants answers speed]

`example`: the example study, coded as `opentekst run` left it; three themes without a code were
written into its answers. `restaurants`: 1,001 sentences (SemEval-2016 task 5) with people's
codes; for each of the six largest codes in turn, and for each seed 80% of the sentences, the
code is taken out of the codebook and out of the codes. It has come back where one of the first
five proposals for a new code has it in at least 60% of its sentences. Which words and vectors
weigh how much was chosen on seeds 100 and up. `answers`: topics of four open questions of the
VU Election Study 2021, without a codebook, with seconds and the most memory in use. `speed`:
20,000 texts of that study and of the restaurants, from plain text to topics.
Baseline, in the same run on the same sentence vectors: BERTopic 0.17 with its defaults (UMAP 15
neighbours, HDBSCAN of 10) on the sentences without a code, largest topics first.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from coding_sets import PIPELINE, ROOT, SHARED, Task, load
from opentekst import store
from opentekst.coding.topics import Topics, find_topics
from opentekst.language import embed, embedder, normalise_answers
from opentekst.model import Answer, Normalised
from opentekst.pipeline.deciding import decide
from opentekst.study import Study

console = Console(width=120)
PLANTED = {
    "vervoer": r"vervoer|\bbus\b|dorpsbus|belbus|mobilit|rolstoel|rollator|rijdt|rijden|taxi"
    r"|auto\b",
    "privacy": r"privacy|gdpr|dpo\b|toestemming|beroepsgeheim|\bavg\b|gegevens|adreslijst"
    r"|mogen wij",
    "ontmoetingsruimte": r"ontmoetingsruimte|\blokaal (?!bestuur|overleg)|lokaal[.,]|\bzaal"
    r"|buurthuis|\bplek|plaats|caf[eé]|zaaltje",
}
"""Words by which a reader knows an answer of a planted theme."""
FIRST, PRECISE = 5, 0.6
QUESTIONS = ("A1_vote", "A2_text", "H8", "H10")
Figures = dict[str, float]


def example(seeds: Sequence[int]) -> Figures:
    """Print where the planted themes stand among the proposals, and all proposals."""
    study = Study.open(ROOT)
    work = ROOT / "data" / "work"
    answers = {a.id: a for a in store.read_answers(work / "answers.jsonl")}
    items = {i.answer: i for i in store.read_normalised(work / "normalised.jsonl")}
    codes = {d.answer: d.codes for d in decide(study, list(answers.values()), provisional=True)}
    mine = [items[a.id] for a in answers.values() if _book(study, a) == "noden"]
    empty = {"no_answer", "not_dutch"}
    missed = [i.answer for i in mine if not codes[i.answer] and not i.flags & empty]
    table = Table("zaad", "voorstel", "antwoorden", "stabiliteit", *PLANTED)
    ranks: Counter[str] = Counter()
    coded = 0
    for seed in seeds:
        found = _topics(mine, answers, codes, study.codebooks["noden"], seed)
        new = [p for p in found.proposals if p.kind == "new"]
        for place, proposal in enumerate(new, start=1):
            shares = {
                theme: sum(bool(re.search(words, answers[a].text, re.I)) for a in proposal.answers)
                / len(proposal.answers)
                for theme, words in PLANTED.items()
            }
            theme = max(shares, key=lambda name: shares[name])
            if shares[theme] >= PRECISE and place <= FIRST:
                ranks[f"{seed} {theme}"] += 1
            coded += shares[theme] < PRECISE
            table.add_row(
                str(seed), f"{place}. {proposal.label}", str(len(proposal.answers)),
                f"{proposal.stability:.2f}", *(f"{share:.0%}" for share in shares.values()),
            )  # fmt: skip
    console.print(table)
    wanted = len(seeds) * len(PLANTED)
    console.print(
        f"{len(ranks)} van {wanted} keer een ingelegd thema bij de eerste {FIRST};"
        f" {coded} voorstellen over iets anders ({len(missed)} antwoorden zonder code)"
    )
    return {"example_found": len(ranks) / wanted, "example_other": coded / len(seeds)}


def restaurants(seeds: Sequence[int]) -> Figures:
    """Print for each hidden code how often it comes back, and the best precision."""
    task = load("restaurants")
    counted = Counter(code for sets in task.truth for code in sets)
    largest = sorted(counted, key=lambda code: (-counted[code], code))[:6]
    table = Table("verborgen code", "zonder code", "wijze", "terug", "precisie (beste van 5)")
    shares: dict[str, list[bool]] = {"opentekst": [], "bertopic": []}
    for hidden in largest:
        precision: dict[str, list[float]] = {"opentekst": [], "bertopic": []}
        base = []
        for seed in seeds:
            rows = sorted(
                random.Random(seed).sample(range(len(task.items)), len(task.items) * 4 // 5)
            )
            left = {task.items[i].answer: task.truth[i] - {hidden} for i in rows}
            missed = [i for i in rows if not left[task.items[i].answer]]
            base.append(_precision(missed, task, hidden))
            for name, groups in (
                ("opentekst", _ours(task, rows, left, hidden, seed)),
                ("bertopic", _plain([task.items[i] for i in missed], seed)),
            ):
                row = {task.items[i].answer: i for i in rows}
                best = max(
                    (_precision([row[a] for a in group], task, hidden) for group in groups[:FIRST]),
                    default=0.0,
                )
                precision[name].append(best)
                shares[name].append(best >= PRECISE)
        for name, values in precision.items():
            table.add_row(
                hidden, f"{sum(base) / len(base):.0%}", name,
                f"{sum(v >= PRECISE for v in values)} van {len(values)}",
                " ".join(f"{value:.2f}" for value in values),
            )  # fmt: skip
    console.print(table)
    return {f"restaurants_{name}": sum(all_) / len(all_) for name, all_ in shares.items()}


def answers_of_voters(_seeds: Sequence[int]) -> Figures:
    """Print the topics of four open questions with their quotes."""
    figures: Figures = {}
    for question in QUESTIONS:
        rows = [row for row in _voters() if row["question"] == question]
        start = time.perf_counter()
        found, texts = _from_text([str(row["text"]) for row in rows])
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        console.rule(f"{question}: {len(rows)} antwoorden, {seconds:.0f} s, {memory:.0f} MB")
        console.print(found.how.said)
        for proposal in found.proposals:
            console.print(
                f"[bold]{proposal.label}[/] ({len(proposal.answers)} antwoorden, stabiliteit"
                f" {proposal.stability:.2f}): {', '.join(proposal.keywords)}"
            )
            for quote in proposal.quotes:
                console.print(f"    {texts[quote].strip()}", markup=False)
        figures[f"{question}_topics"] = len(found.topics)
        figures[f"{question}_seconds"] = seconds
    return figures


def speed(_seeds: Sequence[int]) -> Figures:
    """Print how long 20,000 texts take, from plain text to topics."""
    texts = [str(row["text"]) for row in _voters()] + [i.text for i in load("restaurants").items]
    lot = random.Random(0)
    while len(texts) < 20_000:
        one, other = lot.choice(texts), lot.choice(texts)
        texts.append(f"{one}; {other}")
    start = time.perf_counter()
    found, _ = _from_text(texts[:20_000])
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"20.000 teksten: {seconds:.0f} s, {memory:.0f} MB, {len(found.topics)} thema's")
    console.print(found.how.said)
    return {"speed_seconds": seconds, "speed_mb": memory, "speed_topics": len(found.topics)}


def _ours(
    task: Task,
    rows: Sequence[int],
    left: Mapping[str, frozenset[str]],
    hidden: str,
    seed: int,
) -> list[Sequence[str]]:
    book = replace(task.book, codes=tuple(c for c in task.book.codes if c.id != hidden))
    items = [task.items[i] for i in rows]
    answers = {i.answer: Answer(i.answer, i.answer, i.answer, "q", i.text) for i in items}
    found = _topics(items, answers, left, book, seed)
    return [p.answers for p in found.proposals if p.kind == "new"]


def _plain(items: Sequence[Normalised], seed: int) -> list[Sequence[str]]:
    """Return the topics of BERTopic with its defaults, the largest first; only its seed is set."""
    from bertopic import BERTopic
    from umap import UMAP

    usual = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    model = BERTopic(language="multilingual", umap_model=usual)
    texts = [item.text for item in items]
    topics, _ = model.fit_transform(texts, embeddings=embed(texts))
    return [
        [item.answer for item, found in zip(items, topics, strict=True) if found == topic]
        for topic in sorted(set(topics) - {-1})
    ]


def _precision(rows: Sequence[int], task: Task, hidden: str) -> float:
    return sum(hidden in task.truth[i] for i in rows) / max(len(rows), 1)


def _topics(
    items: Sequence[Normalised],
    answers: Mapping[str, Answer],
    codes: Mapping[str, frozenset[str]],
    book: object,
    seed: int,
) -> Topics:
    return find_topics(items, answers, codes, book, embedder("use"), seed=seed)  # type: ignore[arg-type]


def _from_text(texts: Sequence[str]) -> tuple[Topics, Mapping[str, str]]:
    answers = {str(i): Answer(str(i), str(i), str(i), "q", text) for i, text in enumerate(texts)}
    items = normalise_answers(list(answers.values()), {"q": "open"}, PIPELINE)
    found = find_topics(items, answers, {}, None, embedder("use"))
    return found, {a.id: a.text for a in answers.values()}


def _voters() -> list[dict[str, object]]:
    path = SHARED / "vu_open_answers" / "answers.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _book(study: Study, answer: Answer) -> str | None:
    return study.questions[answer.question].codebook


PARTS = {
    "example": example,
    "restaurants": restaurants,
    "answers": answers_of_voters,
    "speed": speed,
}


def main() -> None:
    """Run the parts asked for; the last line is one flat JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    figures: Figures = {}
    for part in given.parts:
        figures |= PARTS[part](seeds)
    print(json.dumps({"benchmark": "topics", **figures}))


if __name__ == "__main__":
    main()
