"""The stage that codes: what it depends on, what it writes and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.model import Answer, Coding, Normalised
from opentekst.pipeline.auditing import sample_hashes, sample_of
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.deciding import TRIAGE, settled
from opentekst.pipeline.earlier import earlier_hashes, earlier_lessons, earlier_study
from opentekst.pipeline.engine import Made, Progress
from opentekst.pipeline.hashes import codebook_hashes, ledger_hashes, program, text_hash
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import Base, base, left_behind
from opentekst.pipeline.vectors import remembered
from opentekst.store import Paths, file_hash
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.coding import AutoCoder, Rule
    from opentekst.coding.coder import Coded, Lesson

RULES_FILE = "regels.yaml"


def code_inputs(study: Study) -> Mapping[str, str]:
    """The normalised answers, the models, the codebooks, rules, people's codings and the seed."""
    from opentekst.language import embedder_version, resolve

    return {
        "normalised": file_hash(Paths(study.root).work / "normalised.jsonl"),
        "pipeline": str(resolve(study.file.pipeline)),
        "embedder": embedder_version(study.file.coding.embedder),
        "rules": file_hash(study.root / "codebooks" / RULES_FILE),
        **codebook_hashes(study),
        **ledger_hashes(study),
        **sample_hashes(study),
        **earlier_hashes(study),
        "seed": str(study.file.seed),
        "coding": text_hash(study.file.coding.model_dump_json()),
        "review": text_hash(
            study.file.review.model_dump_json(include={"adjudicators", "least", "majority"})
        ),
        **program("scikit-learn", "spacy", "matplotlib"),
    }


def code(study: Study, progress: Progress) -> Made:
    """Code every answer and say which answers may be left to the machine."""
    from opentekst.coding.consistency import coded_differently
    from opentekst.pipeline.coding_says import (
        coding_lines,
        curve_csv,
        curves,
        left_behind_lines,
        twins_csv,
    )
    from opentekst.pipeline.learning_says import before, changes, reach_lines, reaches
    from opentekst.results.curves import to_svg

    paths = Paths(study.root)
    last = before(study)
    answers = store.read_answers(paths.work / "answers.jsonl")
    normalised = {i.answer: i for i in store.read_normalised(paths.work / "normalised.jsonl")}
    taught = settled(study, answers, for_machine=True)
    coded: dict[str, Coded] = {}
    codings: list[Coding] = []
    learned: list[str] = []
    wave = earlier_study(study)
    with progress("Antwoorden coderen", len(answers)) as step:
        for name in study.codebooks:
            mine = [a for a in answers if study.questions[a.question].codebook == name]
            taken = earlier_lessons(study, wave, name)
            coded[name] = _coded(study, name, mine, normalised, taught, taken.lessons)
            learned += taken.lines
            codings += base(study, name).ahead(coded[name].codings)
            step(len(mine))
    position = {answer.id: i for i, answer in enumerate(answers)}
    codings.sort(key=lambda coding: position[coding.answer])
    verdicts = sorted(
        (verdict for one in coded.values() for verdict in one.verdicts),
        key=lambda verdict: position[verdict.answer],
    )
    decided = settled(study, answers)
    twins = coded_differently(
        [normalised[a.id] for a in answers], [a.question for a in answers], decided
    )
    points = curves(study, answers, verdicts)
    samples = {
        q.id: sample.answers for q in study.open_questions if (sample := sample_of(study, q.id))
    }
    lines, data = coding_lines(
        study, answers, normalised, codings, verdicts, decided, coded, twins, samples
    )
    reach = reaches(study, answers, normalised, codings, verdicts, decided, coded)
    for question, one in reach.items():
        data[question] |= one._asdict()
    change = changes(last, codings, verdicts) if last else None
    told = change.lines if change else ()
    lines = [*told, *learned, *lines, *reach_lines(reach, study)]
    lines += left_behind_lines(left_behind(study))
    texts = masked_texts(paths.work, answers, normalised)
    out = paths.results / "coding"
    made = {
        paths.work / "codings.jsonl": store.jsonl(codings),
        paths.work / TRIAGE: "".join(
            json.dumps(verdict._asdict()) + "\n" for verdict in verdicts
        ).encode(),
        out / "productie.csv": curve_csv(points),
        out / "productie.svg": to_svg(points, study.file.coding.target),
        out / "verschillend_gecodeerd.csv": twins_csv(
            twins, {answer: text.text for answer, text in texts.items()}
        ),
    }
    return Made(made, tuple(lines), data, {"since_last_run": change._asdict()} if change else {})


def coder_of(study: Study, name: str) -> AutoCoder:
    """Return the coder of one codebook, with its rules, before it has learned."""
    from opentekst.coding import AutoCoder
    from opentekst.coding.forced import load_rules
    from opentekst.language import resolve

    source = base(study, name)
    rules = load_rules(
        study.root / "codebooks" / RULES_FILE,
        study.codebooks,
        lambda book, code: study.histories[book].chain.whenever(code, study.codebooks[book].by_id),
    )
    cache = Cache(Paths(study.root).work / "vectors.sqlite")
    return AutoCoder(
        source.codebook,
        seed=study.file.seed,
        embedder=remembered(study.file.coding.embedder, cache),
        rules=[rule for one in rules.get(name, ()) for rule in _in_base(one, source)],
        pipeline=resolve(study.file.pipeline).name,
    )


def _coded(
    study: Study,
    name: str,
    answers: list[Answer],
    normalised: Mapping[str, Normalised],
    people: Mapping[str, frozenset[str]],
    lessons: Sequence[Lesson] = (),
) -> Coded:
    from opentekst.coding.coder import code_answers

    return code_answers(
        [normalised[a.id] for a in answers],
        [a.question for a in answers],
        people,
        coder_of(study, name),
        study.file.coding.target,
        lessons,
    )


def _in_base(rule: Rule, source: Base) -> list[Rule]:
    """Return a rule on a code of today as rules on the codes that the machine codes with."""
    return [
        replace(rule, code=code.id)
        for code in source.codebook.active
        if rule.code in source.fates.get(code.id, (code.id,))
    ]
