"""How fast normalising is, and how much of what it flags.

    python benchmarks/normalise.py [--answers 10000] [--pipeline opentekst_nl]

Prints a table and, last, one flat JSON line. Speed: as many made-up answers of about ten
words as asked for, put together from the halves of the example's answers (seed 2021), once
from an empty cache, once from a full one, and, as the baseline, the same pipeline's bare
`nlp.pipe` over the same distinct texts. Shares: of the 13,902 real answers of the VU Election
Study 2021 (VU Amsterdam, MIT; in ../shared, for measuring only; left out where it is absent)
and of the example's, what part is flagged.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from opentekst.language import normalise_answers
from opentekst.language.cleaning import clean
from opentekst.language.pipelines import PipelineId, load
from opentekst.model import Answer, Normalised
from opentekst.pipeline.cache import Cache

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "data" / "raw" / "example" / "answers.jsonl"
REAL = ROOT.parent / "shared" / "data" / "benchmarks" / "vu_open_answers" / "answers.jsonl"
SEED = 2021
WORDS = 10
FLAGS = ("no_answer", "not_dutch", "corrected", "split")


def example_texts() -> list[str]:
    """Return the answers of the example study, verbatim."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def real_answers() -> list[Answer]:
    """Return the real survey answers; none where the data are absent."""
    if not REAL.exists():
        return []
    rows = [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    return [
        Answer(f"{i}", f"{row['respondent']}", "", row["question"], row["text"])
        for i, row in enumerate(rows)
    ]


def made_up(texts: Sequence[str], number: int) -> list[str]:
    """Return texts of about ten words: the start of one answer, the end of another."""
    draw = random.Random(SEED)
    words = [text.split() for text in texts if len(text.split()) >= WORDS // 2]
    made = []
    for _ in range(number):
        one, other = draw.choice(words), draw.choice(words)
        half = WORDS // 2 + draw.randint(-2, 2)
        made.append(" ".join([*one[:half], *other[-(WORDS - half) :]]))
    return made


def shares(
    answers: Sequence[Answer], pipeline: PipelineId, prompt: str = "other"
) -> dict[str, list[str]]:
    """Return for each flag the verbatim texts that have it, in order, repetitions included."""
    prompts = {answer.question: prompt for answer in answers}
    found: dict[str, list[str]] = {flag: [] for flag in FLAGS}
    for answer, item in zip(answers, normalise_answers(answers, prompts, pipeline), strict=True):
        for flag in item.flags:
            found.setdefault(flag, []).append(answer.text)
    return dict(sorted(found.items()))


def speed(number: int, pipeline: PipelineId) -> dict[str, float]:
    """Return seconds from an empty and from a full cache and of bare nlp.pipe, and memory in MB.

    The ratio is of processor time, so that other work on the machine does not count.
    """
    texts = made_up(example_texts(), number)
    answers = [Answer(f"{i}", f"{i}", "", "q", text) for i, text in enumerate(texts)]
    distinct = list(dict.fromkeys(clean(text).text for text in texts))
    nlp = load(pipeline.name)
    list(nlp.pipe(distinct[:50]))
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder) / "normalise.sqlite")
        work = time.process_time()
        empty, first = _timed(answers, pipeline, cache)
        work = time.process_time() - work
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        full, second = _timed(answers, pipeline, cache)
    if first != second:
        raise SystemExit("the cache gives something else than the pipeline")
    start, bare_work = time.perf_counter(), time.process_time()
    for _doc in nlp.pipe(distinct, batch_size=64):
        pass
    bare, bare_work = time.perf_counter() - start, time.process_time() - bare_work
    return {
        "answers": number,
        "distinct": len(distinct),
        "seconds_empty_cache": round(empty, 2),
        "seconds_full_cache": round(full, 2),
        "seconds_bare_pipe": round(bare, 2),
        "ratio_to_bare_pipe": round(work / bare_work, 2),
        "words_per_second": round(sum(len(text.split()) for text in texts) / empty),
        "peak_mb": round(before / 1024),
    }


def _timed(
    answers: Sequence[Answer], pipeline: PipelineId, cache: Cache
) -> tuple[float, list[Normalised]]:
    start = time.perf_counter()
    items = normalise_answers(answers, {"q": "need"}, pipeline, memory=cache)
    return time.perf_counter() - start, items


def measure(number: int = 10_000, name: str = "opentekst_nl") -> dict[str, float | str]:
    """Return all figures, flat."""
    pipeline = PipelineId(name, "benchmark")
    result: dict[str, float | str] = {"benchmark": "normalise", "pipeline": name, "seed": SEED}
    result |= speed(number, pipeline)
    example = [Answer(f"{i}", "", "", "q", text) for i, text in enumerate(example_texts())]
    for label, answers in (("example", example), ("real", real_answers())):
        if answers:
            for flag, texts in shares(answers, pipeline).items():
                result[f"{label}_{flag.replace(':', '_')}"] = round(len(texts) / len(answers), 4)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--pipeline", default="opentekst_nl")
    given = parser.parse_args()
    result = measure(given.answers, given.pipeline)
    for key, value in result.items():
        print(f"{key:32}{value:>14}")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
