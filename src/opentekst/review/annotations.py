"""What people did in Label Studio, back to entries of the ledger: no network here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from opentekst.codebook import Chain, Codebook
from opentekst.errors import ReviewError
from opentekst.model import CodebookRef, Coding, How, Shown
from opentekst.review.config import (
    CODES,
    FREQUENT,
    MEMO,
    NEW_CODE,
    NO_CODE,
    NONE,
    PROPOSED,
    UNUSED,
)

UNNAMED = "(zonder naam)"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A submitted annotation that is no coding.

    `why` is "empty" (no code, no "geen code" and no "nieuwe code") or "contradictory" (a
    code and "geen code").
    """

    task: int
    why: Literal["empty", "contradictory"]


def from_annotation(
    annotation: Mapping[str, Any],
    data: Mapping[str, Any],
    email: str,
    codebook: Codebook,
    task: int,
    chain: Chain | None = None,
    shown: Shown = "",
    suggested: Mapping[str, Any] | None = None,
    source: str = "",
) -> Coding | Unclear:
    """Return what one person's annotation says about one answer; a skipped one says `skipped`.

    `data` is the task's, `email` the coder's; `chain` holds the earlier versions of
    `codebook`. `shown` is what the screen showed, `suggested` the prediction on it, `source`
    where the annotation stands. Raises ReviewError, with the task and the path, where no
    version has the chosen codes.
    """
    regions = annotation.get("result") or []
    how = How(
        shown=shown,
        seconds=_seconds(annotation),
        new_code=_new_code(regions),
        memo=_typed(regions, MEMO),
        source=source,
    )
    if annotation.get("was_cancelled"):
        version, mark = int(data["codebook_version"]), str(data["codebook_fingerprint"])
        ref = CodebookRef(data["codebook"], version, mark)
        at = utc(annotation["updated_at"])
        return Coding(data["answer_id"], (), f"person:{email}", (), (), ref, at, "skipped", how)
    codes = chosen(annotation)
    no_code = _ticked(regions, NO_CODE)
    if codes and no_code:
        return Unclear(task, "contradictory")
    if not codes and not no_code and not how.new_code:
        return Unclear(task, "empty")
    made = origin(annotation, data, chain or _alone(codebook))
    if made is None:
        raise ReviewError(
            f"een codeur koos een code die niet (meer) in codeboek '{codebook.id}' staat",
            place=f"taak {task} in Label Studio",
            found=" / ".join(_strange(annotation, codebook)),
            remedy="Open deze taak in Label Studio en kies een code die bestaat, of zet"
            " de code terug in het codeboek.",
        )
    if shown == "suggestion" and suggested is not None and chosen(suggested):
        same = frozenset(chosen(suggested)) == frozenset(codes)
        how = replace(how, suggestion="accepted" if same else "changed")
    return Coding(
        answer=data["answer_id"],
        codes=made.codes,
        coder=f"person:{email}",
        score=(1.0,) * len(made.codes),
        evidence=(),
        codebook=made.codebook,
        at=made.at,
        how=how,
    )


def withdrawn(
    known: Iterable[Coding], present: Iterable[str], tasks: Mapping[str, str]
) -> list[Coding]:
    """Return an entry for each coding that its coder deleted in Label Studio.

    `known` is the ledger, `present` the sources of the annotations that stand, `tasks` maps
    the tasks that were looked at to the time of their last change. A task or a project that
    is gone takes nothing back.
    """
    there = set(present)
    last: dict[str, Coding] = {}
    for entry in known:
        if entry.how.source:
            last[entry.how.source] = entry
    return [
        replace(
            entry,
            codes=(),
            score=(),
            at=tasks[entry.how.source.rpartition("/")[0]],
            act="withdrawn",
            how=How(shown=entry.how.shown, source=source),
        )
        for source, entry in last.items()
        if source not in there and entry.act != "withdrawn" and source.rpartition("/")[0] in tasks
    ]


def truly_blind(entries: Iterable[Coding], ledger: Iterable[Coding]) -> list[Coding]:
    """Return entries as given, but that who saw more of an answer before was not blind to it."""
    fresh = list(entries)
    seen: dict[tuple[str, str], str] = {}
    for entry in (*ledger, *fresh):
        if entry.how.shown in ("suggestion", "codings"):
            who = (entry.answer, entry.coder.casefold())
            seen[who] = min(entry.at, seen.get(who, entry.at))
    return [
        replace(entry, how=replace(entry.how, shown=""))
        if entry.how.shown == "blind"
        and seen.get((entry.answer, entry.coder.casefold()), entry.at) < entry.at
        else entry
        for entry in fresh
    ]


@dataclass(frozen=True, slots=True)
class Made:
    """What a person chose, under which codebook and when."""

    codes: tuple[str, ...]
    codebook: CodebookRef
    at: str


def origin(annotation: Mapping[str, Any], data: Mapping[str, Any], chain: Chain) -> Made | None:
    """Return what a person chose, be it that opentekst has since changed the annotation.

    The task's data tell what was chosen first (`coded`, see `migrate`); that holds until
    the person changes the annotation. None where no version of the codebook has the codes.
    """
    codes, at = chosen(annotation), utc(annotation["updated_at"])
    record = data.get("coded", {}).get(str(annotation.get("id")))
    if record is not None:
        moved = codes == tuple(record["shown"]) and record["moved"] in ("", at)
        if moved or (codes == tuple(record["was"]) and record["was_at"] == at):
            ref = CodebookRef(data["codebook"], record["version"], record["fingerprint"])
            return Made(tuple(record["codes"]), ref, record["at"])
    given = int(data["codebook_version"])
    version = chain.version_of(codes, given)
    if version is None:
        return None
    mark = data["codebook_fingerprint"] if version == given else chain.fingerprint(version)
    return Made(codes, CodebookRef(data["codebook"], version, mark), at)


def _alone(codebook: Codebook) -> Chain:
    active = frozenset(code.id for code in codebook.active)
    return Chain(codebook.id, codebook.version, active, (), codebook.fingerprint)


def utc(moment: str | datetime.datetime) -> str:
    """Return a time with a zone as ISO 8601 in UTC, to the microsecond.

    >>> utc("2021-03-01T10:00:00.5+01:00")
    '2021-03-01T09:00:00.500000+00:00'
    """
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")


def chosen(annotation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids that an annotation holds, each once."""
    # The id alone says which code it is: one that moved in the tree is still itself.
    paths = given_paths(annotation)
    return tuple(dict.fromkeys(str(path[-1]) if path else "" for path in paths))


def given_paths(annotation: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the paths that an annotation holds: of its boxes one step, of its tree all."""
    regions = annotation.get("result") or []
    for part in _named(regions, FREQUENT):
        yield from ([code] for code in part["value"].get("choices", ()))
    for part in _named(regions, CODES):
        yield from part["value"].get("taxonomy", ())


def _strange(annotation: Mapping[str, Any], codebook: Codebook) -> list[str]:
    """Return the first path that ends in no active code."""
    active = {code.id for code in codebook.active}
    for path in given_paths(annotation):
        if not path or path[-1] not in active:
            return [str(step) for step in path if step != UNUSED]
    return []


def _named(regions: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (part for part in regions if part.get("from_name") == name)


def _ticked(regions: Sequence[Mapping[str, Any]], alias: str) -> bool:
    return any(alias in part["value"].get("choices", ()) for part in _named(regions, NONE))


def _typed(regions: Sequence[Mapping[str, Any]], name: str) -> str:
    texts = (line for part in _named(regions, name) for line in part["value"].get("text", ()))
    return "\n".join(str(line) for line in texts).strip()


def _new_code(regions: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the code that the coder misses; empty where none is missed."""
    if not _ticked(regions, NEW_CODE):
        return ""
    return _typed(regions, PROPOSED) or UNNAMED


def _seconds(annotation: Mapping[str, Any]) -> float | None:
    spent = annotation.get("lead_time")
    return None if spent is None else round(float(spent), 1)
