"""A first study from an export: what its questions seem to be, and what was guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opentekst.codebook.codebook import Code, Codebook
from opentekst.study import Choice, Item, Other, Question, TableSpec
from opentekst.study import Group as TableGroup
from opentekst.survey.export import Export
from opentekst.survey.naming import slug, slugs, unique
from opentekst.survey.recognise import Column, Group, columns_of, groups_in, kind_of
from opentekst.survey.scales import Order, in_order
from opentekst.survey.who import Who, find_who

_TEXT = re.compile(r"^(.+?)(?:_(\d+))?_(TEXT|tekst|toel\w*|andere?|anders|other)$", re.IGNORECASE)
_OTHER = re.compile(r"ander|overig|other|elders", re.IGNORECASE)
_NEED = re.compile(
    r"\b(noden|nood|nodig|behoeften?|knelpunt(en)?|drempels?|hindernis(sen)?|obstakels?"
    r"|probleem|problemen|moeilijk(e|heden)?|moeite|uitdaging(en)?|ontbreekt|mist u)\b"
)
_NOTHING = re.compile(
    r"(geen|niets|nvt|n\.v\.t|niet van toepassing|(ik )?weet (ik )?(het )?niet)\b(?!-)", re.I
)
_ORDER_NOTE: Mapping[Order, str] = {
    "number": "de antwoorden zijn cijfers; staan ze voor keuzes, exporteer dan met keuzeteksten",
    "frequency": "het bestand zegt de volgorde niet: de vaakst gekozen waarde staat eerst",
}
_ORDER_DOUBT: Mapping[Order, str] = {
    "number": "De antwoorden zijn cijfers (een schaal, of codes van keuzes?)",
    "frequency": "Volgorde van de waarden (nu: de vaakst gekozen eerst)",
}
_LEFT_OUT = {
    "empty": "leeg",
    "number": "een getal; opentekst telt geen getallen",
    "date": "een datum",
    "private": "wijst een persoon aan; laat zo'n kolom liefst ook uit het bestand",
    "place": "de gemeente volgt uit de postcode",
}


@dataclass(frozen=True)
class Draft:
    """The questions, tables and codebooks of a study to be checked by a researcher.

    `notes` holds, by question id or field of `respondents`/`units`, what to check there;
    `unsure` the same guesses put together, one sentence a kind. No answer's text is in
    either.
    """

    who: Who
    questions: tuple[Question, ...]
    tables: tuple[TableSpec, ...]
    codebooks: tuple[Codebook, ...]
    notes: Mapping[str, tuple[str, ...]]
    unsure: tuple[str, ...]

    def count(self, kind: str) -> int:
        """Return how many questions are of this kind."""
        return sum(question.kind == kind for question in self.questions)


def draft(export: Export) -> Draft:
    """Return the study that the columns of an export suggest.

    Raises DataError where no column tells one response from another.
    """
    columns = columns_of(export)
    who = find_who(export, columns)
    work = _Drafting(columns, who)
    for column in columns.values():
        if column.name not in who.used:
            work.add(column)
    questions = tuple(work.questions.values())
    return Draft(
        who,
        questions,
        tuple(_tables(questions)),
        tuple(work.codebooks()),
        {name: tuple(notes) for name, notes in work.notes.items()},
        tuple(_unsure(who, work)),
    )


@dataclass
class _Drafting:
    """What has been drafted so far, column by column."""

    columns: Mapping[str, Column]
    who: Who
    questions: dict[str, Question] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, tuple[str, tuple[Code, ...]]] = field(default_factory=dict)
    of_group: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        free = [c for c in self.columns.values() if c.name not in self.who.used]
        texts = {c.name for c in free if self._belongs(c)}
        self.groups = {
            column.name: group
            for group in groups_in(c for c in free if c.name not in texts)
            for column in group.columns
        }

    def add(self, column: Column) -> None:
        """Draft the question of one column, or say why it is left out."""
        group = self.groups.get(column.name)
        if group is not None:
            self._group(group)
            return
        kind = "open" if self._belongs(column) and column.cells else kind_of(column)
        if kind == "open":
            self._open(column)
        elif kind == "single":
            self._single(column)
        else:
            self._doubt(f"Niet opgenomen ({_LEFT_OUT[kind]})", column.name)

    def codebooks(self) -> list[Codebook]:
        """Return the codebooks that the questions name, each once."""
        return [Codebook(name, 1, title, codes) for name, (title, codes) in self.codes.items()]

    def _belongs(self, column: Column) -> re.Match[str] | None:
        """Return name and number where a column is the text box of another question."""
        match = _TEXT.match(column.name)
        if match is None or (match[3].upper() != "TEXT" and kind_of(column) != "open"):
            return None
        base, number = match[1], match[2]
        known = f"{base}_{number}" in self.columns or base in self.columns
        near = (c for c in self.columns if c != column.name and c.startswith(f"{base}_"))
        return match if known or any(near) else None

    def _group(self, group: Group) -> None:
        if group.name in self.of_group:
            return
        name = self._free_id(group.name)
        self.of_group[group.name] = name
        if group.kind == "matrix":
            values, order = _values(group.columns)
            items = zip(slugs(group.labels), group.columns, group.labels, strict=True)
            self.questions[name] = Question(
                id=name,
                kind="matrix",
                text=group.stem,
                values=values,
                items=tuple(Item(id=i, column=c.name, label=label) for i, c, label in items),
            )
            self._order(name, order)
            if {value.casefold() for value in values} <= {"ja", "nee", "neen"}:
                self._note(name, "ja of nee per rij: is dit een vraag om aan te kruisen?")
                self._doubt("Matrix met ja en nee, of een aankruisvraag?", name)
        else:
            codes = slugs(group.labels, other=self._other_box(group))
            choices = zip(codes, group.columns, group.labels, strict=True)
            self.questions[name] = Question(
                id=name,
                kind="multiple",
                text=group.stem,
                choices=tuple(
                    Choice(
                        code=code,
                        column=column.name,
                        label=_short(label),
                        exclusive=bool(_NOTHING.match(label)),
                    )
                    for code, column, label in choices
                ),
            )
            if any(choice.exclusive for choice in self.questions[name].choices):
                self._note(name, "'exclusive' staat bij keuzes die niet samengaan met een andere")
        if group.stem == group.name:
            self._no_text(name)

    def _other_box(self, group: Group) -> int | None:
        """Return the place of the choice "andere, namelijk": the one that has a text box."""
        boxes = []
        for column in self.columns.values():
            match = self._belongs(column) if column.cells else None
            if match and match[1] == group.name:
                place = group.numbered(match[2]) if match[2] else None
                if place is None and not match[2]:
                    place = next((i for i, x in enumerate(group.labels) if _OTHER.match(x)), None)
                if place is not None:
                    boxes.append(place)
        named = [place for place in boxes if _OTHER.search(group.labels[place])]
        return next(iter(named or boxes), None)

    def _single(self, column: Column) -> None:
        name = self._free_id(column.name)
        values, order = _values([column])
        self.questions[name] = Question(
            id=name, kind="single", text=column.text, column=column.name, values=values
        )
        self._order(name, order)
        if not column.listed and len(column.cells) < 4 * len(values):
            self._note(
                name,
                "weinig antwoorden: is dit een gesloten vraag? Is ze open, zet dan 'kind: open',"
                f" 'prompt: open' en 'codebook: {name}' in de plaats van 'kind' en 'values', en"
                f" maak codebooks/{name}.yaml zoals de andere",
            )
            self._doubt("Gesloten of open? (weinig antwoorden)", name)
        if not column.said:
            self._no_text(name)

    def _open(self, column: Column) -> None:
        match = self._belongs(column)
        group = self._group_of(match[1]) if match else None
        if group is not None:
            self._group(group)
        place = group.numbered(match[2]) if match and match[2] and group else None
        if match and group is None:
            self._other_of_single(column, self.columns.get(match[1]))
        elif group is not None and group.kind == "matrix":
            label = group.labels[place] if place is not None else group.stem
            self._statement(column, group, label)
        elif match and group is not None:
            self._other_of_multiple(column, group, place)
        else:
            self._plain(column)

    def _group_of(self, name: str) -> Group | None:
        return next((group for group in self.groups.values() if group.name == name), None)

    def _statement(self, column: Column, group: Group, label: str) -> None:
        other = bool(_OTHER.match(label))
        book = f"{self.of_group[group.name]}_toelichting"
        self.codes.setdefault(book, (f"Toelichting bij: {group.stem}", (_rest(),)))
        name = self._free_id(re.sub(r"_[^_]+$", "_toelichting", column.name), shared=book)
        self._add_open(
            column, f"{label}. Toelichting", book, "other" if other else "statement", name
        )

    def _other_of_multiple(self, column: Column, group: Group, place: int | None) -> None:
        question = self.questions[self.of_group[group.name]]
        wanted = self._other_box(group)
        choice = question.choices[place if place is not None else wanted or 0]
        if wanted is None or choice is not question.choices[wanted] or question.other:
            self._note(question.id, f"de tekst bij '{choice.label}' is niet gekoppeld met 'other'")
            self._doubt("Tekstvak bij een keuze, niet gekoppeld met 'other'", column.name)
            self._plain(column, f"{question.text} {choice.label}", "other")
            return
        name = self._free_id(f"{question.id}_andere")
        codes = [_listed(c.code, c.label) for c in question.choices if c is not choice]
        self.codes[name] = (question.text, (*codes, _rest(choice.code, choice.label)))
        self._add_open(column, f"{question.text} {choice.label}", name, "other", name)
        linked = Other(choice=choice.code, question=name)
        self.questions[question.id] = question.model_copy(
            update={"other": linked, "codebook": name}
        )

    def _other_of_single(self, column: Column, base: Column | None) -> None:
        if base is None:
            self._plain(column, column.text, "other")
            return
        name = self._free_id(f"{base.name}_andere")
        values = [value for value in _values([base])[0] if not _OTHER.match(value)]
        codes = [_listed(c, v) for c, v in zip(slugs(values), values, strict=True) if c != "andere"]
        self.codes[name] = (base.text, (*codes, _rest()))
        self._add_open(column, f"{base.text} Andere, namelijk", name, "other", name)

    def _plain(self, column: Column, text: str = "", prompt: str = "") -> None:
        name = self._free_id(column.name)
        guess = prompt or _prompt(column)
        self.codes[name] = (text or column.text, (_rest(),))
        self._add_open(column, text or column.text, name, guess, name)
        if guess in ("need", "theme"):
            self._note(name, f"'prompt: {guess}' is geraden uit de vraagtekst")
        if not column.said:
            self._no_text(name)

    def _add_open(self, column: Column, text: str, book: str, prompt: str, name: str) -> None:
        self.questions[name] = Question.model_validate(
            {
                **{"id": name, "kind": "open", "text": text, "column": column.name},
                **{"codebook": book, "prompt": prompt},
            }
        )

    def _free_id(self, name: str, shared: str = "") -> str:
        taken = {*self.questions, *self.codes} - {shared}
        return unique(slug(name, words=99, length=60).removesuffix("_text"), taken)

    def _order(self, name: str, order: Order) -> None:
        if order in _ORDER_NOTE:
            self._note(name, _ORDER_NOTE[order])
            self._doubt(_ORDER_DOUBT[order], name)

    def _no_text(self, name: str) -> None:
        self._note(name, "het bestand bevat geen vraagtekst; schrijf ze hier")
        self._doubt("Geen vraagtekst in het bestand", name)

    def _note(self, name: str, note: str) -> None:
        self.notes.setdefault(name, []).append(note)

    def _doubt(self, kind: str, name: str) -> None:
        self.doubts.setdefault(kind, []).append(name)


def _values(columns: Sequence[Column]) -> tuple[tuple[str, ...], Order]:
    listed = columns[0].listed
    seen: Counter[str] = Counter()
    spelled: dict[str, str] = {value.casefold(): value for value in listed}
    for column in columns:
        for value, count in column.counts.items():
            seen[spelled.setdefault(value.casefold(), value)] += count
    by_count = [value for value, _ in seen.most_common()]
    if listed:
        return (*listed, *(v for v in by_count if v not in listed)), "listed"
    return in_order(by_count)


def _short(label: str) -> str:
    """Return a label as a table prints it: "Andere, namelijk:" without its colon."""
    return label.rstrip(" :…") or label


def _prompt(column: Column) -> str:
    asked = f"{column.name.replace('_', ' ')} {column.text}".casefold()
    if _NEED.search(asked):
        return "need"
    if re.search(r"\bthema'?s?\b", asked):
        return "theme"
    return "open"


def _listed(code: str, label: str) -> Code:
    """Return the code of a listed choice: what belongs there moves there."""
    plain = re.sub(r"\(.*?\)", "", label).strip().casefold()
    parts = [part.strip(" -") for part in plain.split("/")]
    keywords = [p for p in parts if len(p) > 2 and len(p.split()) <= 3 and "*" not in p]
    return Code(
        code,
        label,
        definition=f"Wat onder de keuze '{label}' van deze vraag valt.",
        keywords=() if _NOTHING.match(label) else tuple(dict.fromkeys(keywords)),
    )


def _rest(code: str = "andere", label: str = "Andere") -> Code:
    return Code(code, label, definition="Wat onder geen enkele andere code van dit codeboek past.")


def _tables(questions: Sequence[Question]) -> Iterable[TableSpec]:
    closed = [q for q in questions if q.kind != "open"]
    opens = [q for q in questions if q.kind == "open"]
    number_of = {q.other.question: n for n, q in enumerate(closed, 1) if q.other}
    for number, question in enumerate((*closed, *opens), 1):
        head = {"single": "Antwoord", "multiple": "Keuze", "matrix": "Onderdeel", "open": "Code"}
        several = "Meerdere antwoorden mogelijk."
        source = "Uit de open vraag."
        if question.id in number_of:
            there = number_of[question.id]
            source = f"Alleen wie hier iets schreef; tabel {there} telt het mee, teruggecodeerd."
        notes = {"multiple": (several,), "open": (f"{source} {several}",)}
        yield TableSpec(
            number=str(number),
            title=question.text,
            header=head[question.kind],
            question="" if question.kind == "matrix" else question.id,
            groups=tuple(
                TableGroup(label=value, question=question.id, count=(value,))
                for value in (question.values if question.kind == "matrix" else ())
            ),
            order="count" if question.kind in ("multiple", "open") else "listed",
            footnotes=notes.get(question.kind, ()),
        )


def _unsure(who: Who, work: _Drafting) -> Iterable[str]:
    if not who.postcode:
        yield (
            "Geen kolom met postcodes gevonden. Een percentage telt gemeenten, en de postcode zegt"
            " welke: vul de kolom in bij 'units: postcode'; zonder kan opentekst niet tellen."
        )
    if who.day is None:
        yield "Geen datum in het bestand: 'date' is vandaag; zet er de dag van de bevraging."
    if who.respondents.consent is None:
        yield "Geen vraag naar toestemming gevonden: iedereen telt mee."
    names = {
        "id": "Respondent",
        "postcode": "Postcode",
        "consent": "Toestemming",
        "role": "Functie",
        "recorded": "Tijd",
    }
    for key, guess in who.guesses.items():
        yield f"{names[key]}: {guess}."
    for kind, found in work.doubts.items():
        shown = ", ".join(found[:8]) + (f" en nog {len(found) - 8}" if len(found) > 8 else "")
        yield f"{kind}: {shown}"
