"""The stage that looks for topics: what it depends on, what it writes and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.model import Answer, Decision, Normalised, Proposal
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.deciding import BY_PEOPLE, decide
from opentekst.pipeline.engine import Made, Progress
from opentekst.pipeline.hashes import codebook_hashes, ledger_hashes, program, text_hash
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.quoting import shown_texts
from opentekst.pipeline.topic_says import proposals_csv, stage_lines, topics_csv
from opentekst.pipeline.vectors import remembered
from opentekst.store import Paths, file_hash
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.coding.topics import Topics
    from opentekst.results.topic_map import AnswerMap

TOPICS, PROPOSALS = "topics.jsonl", "proposals.jsonl"


def topics_inputs(study: Study) -> Mapping[str, str]:
    """The codings of machine and people, the normalised answers, the embedder and the seed."""
    from opentekst.language import embedder_version

    work = Paths(study.root).work
    asked = {"study", "questions", "date", "disclosure"}
    return {
        "normalised": file_hash(work / "normalised.jsonl"),
        "codings": file_hash(work / "codings.jsonl"),
        "embedder": embedder_version(study.file.coding.embedder),
        "questions": text_hash(study.file.model_dump_json(include=asked)),
        **codebook_hashes(study),
        **ledger_hashes(study),
        "seed": str(study.file.seed),
        **program("bertopic", "umap-learn", "hdbscan", "plotly"),
    }


def topics(study: Study, progress: Progress) -> Made:
    """Look for topics codebook by codebook, and for what they ask of the codebook."""
    from opentekst.coding.topics import find_topics, rounds
    from opentekst.results.topic_map import to_html

    paths = Paths(study.root)
    answers = {a.id: a for a in store.read_answers(paths.work / "answers.jsonl")}
    items = {i.answer: i for i in store.read_normalised(paths.work / "normalised.jsonl")}
    decided = {d.answer: d for d in decide(study, list(answers.values()), provisional=True)}
    codes = {answer: decision.codes for answer, decision in decided.items()}
    embed = remembered(study.file.coding.embedder, Cache(paths.work / "vectors.sqlite"))
    mine = {
        name: [items[a.id] for a in answers.values() if _book(study, a) == name]
        for name in study.codebooks
    }
    found: dict[str, Topics] = {}
    with progress("Thema's zoeken", sum(rounds(of) for of in mine.values())) as step:
        for name, of in mine.items():
            found[name] = find_topics(
                of, answers, codes, study.codebooks[name], embed,
                group=name, seed=study.file.seed, step=step,
            )  # fmt: skip
    topics = [topic for one in found.values() for topic in one.topics]
    proposals = _in_order([p for one in found.values() for p in one.proposals])
    texts = {
        a: masked.text for a, masked in masked_texts(paths.work, [*answers.values()], items).items()
    }
    texts = shown_texts(study, answers, decided, texts)
    uncoded = {name: sum(_missed(item, codes) for item in of) for name, of in mine.items()}
    maps = [
        answer_map(study, name, one, proposals, answers, decided, texts)
        for name, one in found.items()
    ]
    asked = {question.id: question.text for question in study.open_questions}
    out = paths.results / "topics"
    made = {
        paths.work / TOPICS: store.jsonl(topics),
        paths.work / PROPOSALS: store.jsonl(proposals),
        out / "themas.csv": topics_csv(topics, study.codebooks),
        out / "voorstellen.csv": proposals_csv(proposals, study.codebooks, texts),
        out / "kaart.html": to_html(maps, asked, f"Kaart van antwoorden: {study.file.study}"),
    }
    data = {
        "uncoded": uncoded,
        "topics": {name: len(one.topics) for name, one in found.items()},
        "proposals": [proposal.label for proposal in proposals],
        "method": {name: one.how.said for name, one in found.items()},
    }
    return Made(made, tuple(stage_lines(found, uncoded)), data)


def answer_map(
    study: Study,
    name: str,
    found: Topics,
    proposals: Sequence[Proposal],
    answers: Mapping[str, Answer],
    decided: Mapping[str, Decision],
    texts: Mapping[str, str],
) -> AnswerMap:
    """Return the map of the answers under one codebook, their texts pseudonymised."""
    from opentekst.coding.topic_model import STABLE
    from opentekst.pipeline.topic_says import KINDS
    from opentekst.results.topic_map import AnswerMap, MapTopic, Point
    from opentekst.survey.places import places_on

    units = places_on(study.file.date).municipalities
    labels = {code.id: code.label for code in study.codebooks[name].codes}
    within: dict[str, list[int]] = {}
    for topic in found.topics:
        for answer in topic.answers:
            within.setdefault(answer, []).append(topic.number)
    asked = {
        proposal.topic: f"voorstel {number}: {KINDS[proposal.kind]}"
        for number, proposal in enumerate(proposals, start=1)
        if proposal.group == name
    }
    points = (
        Point(
            x=x,
            y=y,
            text=texts[answer],
            unit="" if study.file.disclosure.threshold else units[answers[answer].unit].name,
            question=answers[answer].question,
            codes=tuple(labels[c] for c in labels if c in decided[answer].codes),
            basis=_by(decided[answer]),
            topics=tuple(within.get(answer, ())),
        )
        for answer, (x, y) in found.places.items()
    )
    return AnswerMap(
        name=name,
        title=study.codebooks[name].title or name,
        method=found.how.said,
        points=tuple(points),
        topics=tuple(
            MapTopic(
                number=topic.number,
                label=topic.label,
                keywords=topic.keywords,
                answers=len(topic.answers),
                stability=topic.stability,
                stable=topic.stability >= STABLE,
                code=labels.get(topic.nearest, "") if topic.matched else "",
                proposal=asked.get(topic.number, ""),
            )
            for topic in found.topics
        ),
    )


def _in_order(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return new codes ahead of splits and boundaries, each in the order of its codebook."""
    kinds = ("new", "split", "boundary")
    return sorted(proposals, key=lambda proposal: kinds.index(proposal.kind))


def _by(decision: Decision) -> str:
    if decision.basis in BY_PEOPLE:
        return "mens"
    return "machine" if decision.basis == "automatic" else "open"


def _missed(item: Normalised, codes: Mapping[str, frozenset[str]]) -> bool:
    return not codes[item.answer] and not item.flags & {"no_answer", "not_dutch"}


def _book(study: Study, answer: Answer) -> str:
    return study.questions[answer.question].codebook
