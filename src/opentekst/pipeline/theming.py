"""From stated needs to workshop themes: what a study says, and which themes reach the most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from opentekst.errors import DataError, StudyError
from opentekst.model import Theme
from opentekst.pipeline.estimating import Sources, row_of_unit
from opentekst.pipeline.theme_material import Material, material
from opentekst.pipeline.theme_quotes import quotes
from opentekst.results.chooser import Problem, Rules, choose, greedy, most_stated
from opentekst.results.chosen import Chosen, candidates, exclusive
from opentekst.results.estimate import ENOUGH, estimate
from opentekst.results.firmness import Coded, Error, Evidence, firmness
from opentekst.results.themes import themes_of
from opentekst.study import Study, ThemeSpec
from opentekst.survey.places import places_on

Step = Callable[[int], None]


def themes(study: Study, spec: ThemeSpec | None = None) -> list[Theme]:
    """Return the themes of the study's need questions, most units first, with quotes.

    `spec` replaces what study.yaml says under `themes`. `units` and `helpers` name
    municipalities, and a theme below the threshold of disclosure is among them (without
    quotes): see `publishable` before printing anything of it. Raises MissingStageError
    before the answers were coded, StudyError and DataError for settings that name what is
    not there.
    """
    return complete(material(study, spec))


def choice(
    study: Study,
    spec: ThemeSpec | None = None,
    resamples: int | None = None,
    step: Step = lambda _n: None,
) -> Chosen:
    """Choose the themes that together reach the most municipalities.

    With the settings of study.yaml, or those of `spec`; `resamples` may replace their number
    (0: do not look how firm the choice is). `step` is called with 1 after each. Raises as
    `themes` does, and DataError where no choice keeps to the rules.
    """
    found = material(study, spec)
    return chosen(found, themes_of(found.stated), resamples, step)


def publishable(theme: Theme, threshold: int) -> bool:
    """Tell whether figures of a theme may be printed: enough units state it."""
    return len(theme.units) >= threshold


def complete(found: Material) -> list[Theme]:
    """Return the themes with who can help, the interval, and quotes."""
    plain = themes_of(found.stated)
    helps = {
        theme: frozenset().union(*(units_that_say(found, ref) for ref in refs))
        for theme, refs in help_refs(found, plain).items()
    }
    shares = _shares(found, plain)
    quoted = quotes(found, plain)
    return [
        replace(
            theme,
            helpers=helps[theme.id],
            share=shares[theme.id][1] if theme.id in shares else None,
            estimate=shares[theme.id][0] if theme.id in shares else None,
            quotes=quoted.get(theme.id, ()),
        )
        for theme in plain
    ]


def chosen(
    found: Material,
    plain: Sequence[Theme],
    resamples: int | None = None,
    step: Step = lambda _n: None,
) -> Chosen:
    """Return the choice among themes, held against simpler ones, and how firm it is."""
    spec, study = found.spec, found.study
    if not plain:
        raise DataError(
            "geen enkel antwoord op deze vragen heeft al een code die telt",
            found=", ".join(question.id for question in found.questions),
            remedy="Codeer eerst antwoorden: opentekst review push, of zet 'coding: {unreviewed:"
            " count}' in study.yaml om de machine te laten tellen.",
        )
    threshold = study.file.disclosure.threshold
    level = candidates(plain, spec.level)
    left_out = {theme.id: why for theme in level if (why := _no_candidate(theme, spec, threshold))}
    fit = [theme for theme in level if theme.id not in left_out]
    codes = {theme.id: members(found, theme) for theme in plain}
    able = {theme.id for theme in fit}
    apart = tuple(
        group
        for names in spec.not_together
        if len(group := frozenset(named(found, plain, name) for name in names) & able) > 1
    )
    must = frozenset(_must(found, plain, name, able, left_out) for name in spec.must)
    never = frozenset(filter(None, (named(found, plain, name) for name in spec.never))) & able
    rules = Rules(
        _how_many(spec, len(able - never)),
        must,
        never,
        spec.least_per_province,
        (*exclusive(fit, codes, spec.one_per_net), *apart),
    )
    provinces = {
        nis: unit.province for nis, unit in places_on(study.file.date).municipalities.items()
    }
    stating = frozenset().union(*(theme.units for theme in plain))
    problem = Problem(
        {theme.id: theme.units for theme in fit},
        {unit: provinces[unit] for unit in sorted(stating)},
    )
    best = choose(problem, rules)
    times = spec.resamples if resamples is None else resamples
    evidence, notes = _evidence(found, fit, codes, provinces)
    firm = firmness(evidence, rules, times, study.file.seed, step)
    return Chosen(
        problem, rules, best, most_stated(problem, rules), greedy(problem, rules), firm,
        left_out, spec.one_per_net, apart, notes,
    )  # fmt: skip


def _how_many(spec: ThemeSpec, able: int) -> int:
    """Return how many themes to choose: all that there are, where nobody asked for more."""
    asked = "themes" in spec.model_fields_set
    return spec.themes if asked or not able else min(spec.themes, able)


def _no_candidate(theme: Theme, spec: ThemeSpec, threshold: int) -> str:
    if len(theme.units) < max(threshold, 1):
        return f"minder dan {threshold} gemeenten noemen het (drempel van 'disclosure')"
    if len(theme.units) < spec.least_units:
        return f"minder dan {spec.least_units} gemeenten noemen het (--least-units)"
    if 100 * theme.central < spec.least_central * len(theme.units):
        return f"voor minder dan {spec.least_central:g}% van hen de hoofdzaak (--least-central)"
    return ""


def named(found: Material, plain: Sequence[Theme], name: str) -> str:
    """Return the id of the theme that a setting means; empty where nobody states it.

    Nor does anybody state a code of a question that is not looked at now. Raises DataError for
    a name that means no theme, and for a code that stands in more than one codebook:
    `<codebook>/<code>` says which.
    """
    if name in {theme.id for theme in plain}:
        return name
    kind = "net" if name.startswith("net:") else "code"
    book, _, code = name.removeprefix("net:").rpartition("/")
    books = [
        one.book.id for one in found.stated if code in one.book.by_id and book in ("", one.book.id)
    ]
    elsewhere = any(
        code in other.by_id and book in ("", other.id) for other in found.study.codebooks.values()
    )
    if len(books) > 1 or not (books or elsewhere):
        prefix = "net:" if kind == "net" else ""
        known = [f"{prefix}{one}/{code}" for one in books] or [theme.id for theme in plain]
        raise DataError(
            "dit is de naam van meer dan één thema" if books else "dit thema bestaat niet",
            found=name,
            remedy="Kies uit: " + ", ".join(known) + ".",
        )
    same = [t.id for t in plain if (t.kind, t.code) == (kind, code) and t.codebook in books]
    return same[0] if same else ""


def _must(
    found: Material,
    plain: Sequence[Theme],
    name: str,
    fit: set[str],
    left_out: Mapping[str, str],
) -> str:
    theme = named(found, plain, name)
    if theme not in fit:
        why = left_out.get(theme) or (
            f"het hoort niet bij --level {found.spec.level}" if theme else "niemand noemt het"
        )
        raise DataError(
            f"thema '{name}' moet gekozen worden, maar kan niet: {why}",
            remedy="Laat het weg bij 'must', of pas die regel aan.",
        )
    return theme


def members(found: Material, theme: Theme) -> frozenset[str]:
    """Return the codes of a theme, each with its codebook."""
    return frozenset(f"{theme.codebook}/{code}" for code in found.codes(theme))


def help_refs(found: Material, plain: Sequence[Theme]) -> dict[str, tuple[str, ...]]:
    """Return for each theme the closed answers (`question=value`) that say one can help.

    Who can help with a code can help with the net above it.
    """
    own: dict[str, dict[str, None]] = {theme.id: {} for theme in plain}
    by_code: dict[str, dict[str, None]] = {}
    for name, refs in found.spec.helps.items():
        target = named(found, plain, name)
        for ref in refs:
            _check_code(found, ref)
        for theme in plain:
            if theme.id == target:
                own[theme.id].update(dict.fromkeys(refs))
                for code in members(found, theme) if theme.kind == "code" else ():
                    by_code.setdefault(code, {}).update(dict.fromkeys(refs))
    for theme in plain:
        for code in sorted(members(found, theme)):
            own[theme.id].update(by_code.get(code, {}))
    return {name: tuple(refs) for name, refs in own.items()}


def _check_code(found: Material, ref: str) -> None:
    name, _, value = ref.partition("=")
    question = found.study.questions[name.partition(".")[0]]
    if question.kind == "open" and value not in found.study.codebook(name).by_id:
        raise StudyError(
            "'themes: helps' noemt een code die niet bestaat",
            place=str(found.study.root / "study.yaml"),
            found=ref,
            remedy="Verbeter de code (vraag=code), of laat ze weg.",
        )


def units_that_say(found: Material, ref: str) -> frozenset[str]:
    """Return the units that hold `question=value`."""
    question, _, value = ref.partition("=")
    held = found.counted.holds.get(question, {})
    return frozenset(unit for unit, values in held.items() if value in values)


def _shares(
    found: Material, plain: Sequence[Theme]
) -> dict[str, tuple[float, tuple[float, float] | None]]:
    """Return for each coded theme the estimated percentage and its 95% interval."""
    basis = found.basis
    shares: dict[str, tuple[float, tuple[float, float] | None]] = {}
    responded = len(found.responded)
    for theme in plain:
        if theme.kind == "topic":
            continue
        rows = _rows(found, basis, theme)
        said, truth, chance = zip(*rows, strict=True)
        population = max(len(rows), round(len(rows) * basis.population / responded))
        made = estimate(said, truth, chance, population)
        if made.low is not None and made.high is not None:
            shares[theme.id] = (made.value, (made.low, made.high))
    return shares


def _rows(found: Material, basis: Sources, theme: Theme) -> list[tuple[bool, int, float]]:
    mine, codes = found.of(theme), found.codes(theme)
    by_unit: dict[str, list[str]] = {}
    for answer, unit in mine.unit_of.items():
        by_unit.setdefault(unit, []).append(answer)
    none: frozenset[str] = frozenset()
    return [
        row_of_unit(
            basis,
            answers,
            any(basis.machine.get(a, none) & codes for a in answers),
            any(basis.people.get(a, none) & codes for a in answers),
            False,
        )
        for _, answers in sorted(by_unit.items())
    ]


def _evidence(
    found: Material,
    fit: Sequence[Theme],
    codes_of: Mapping[str, frozenset[str]],
    provinces: Mapping[str, str],
) -> tuple[Evidence, tuple[str, ...]]:
    """Return what resamples draw from, and what they leave out of account."""
    errors: dict[str, Error] = {}
    answers: list[Coded] = []
    notes: list[str] = []
    for one in found.stated:
        book = one.book.id
        machine = [s for s in one.said if found.decided[s.answer].basis == "automatic"]
        audited = sorted(found.basis.audited & one.unit_of.keys())
        known = len(audited) >= ENOUGH
        codes = tuple(f"{book}/{code.id}" for code in one.book.active)
        if machine and known:
            errors |= {
                f"{book}/{c.id}": _error(found.basis, audited, c.id) for c in one.book.active
            }
            notes.append(
                f"{len(machine)} antwoorden onder '{book}' codeerde de machine; hun fouten zijn"
                f" meegeloot, zoals de blinde steekproef van {len(audited)} antwoorden ze toont."
            )
        elif machine:
            notes.append(
                f"{len(machine)} antwoorden onder '{book}' codeerde de machine; hoe vaak ze zich"
                f" vergist, is niet bekend (blinde steekproef: {len(audited)} antwoorden, minstens"
                f" {ENOUGH} nodig), en zit dus niet in de stevigheid."
            )
        doubtful = {s.answer for s in machine} if known else set()
        answers += [
            Coded(
                s.unit,
                frozenset(f"{book}/{code}" for code in s.codes),
                codes if s.answer in doubtful else (),
            )
            for s in one.said
        ]
    extra = {theme.id: theme.units for theme in fit if theme.kind == "topic"}
    base = frozenset().union(*(one.base for one in found.stated), *extra.values())
    region = {unit: provinces[unit] for unit in sorted(base)}
    fraction = len(found.responded) / found.basis.population
    own = {theme.id: codes_of[theme.id] for theme in fit}
    return Evidence(answers, own, extra, region, errors, fraction), tuple(notes)


def _error(basis: Sources, audited: Sequence[str], code: str) -> Error:
    counts = {(said, true): 0 for said in (True, False) for true in (True, False)}
    for answer in audited:
        said = code in basis.machine.get(answer, frozenset())
        counts[said, code in basis.people[answer]] += 1
    return Error(counts[True, True], counts[True, False], counts[False, True], counts[False, False])
