"""The coder's screen: a codebook becomes a Label Studio labelling configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from opentekst.codebook import Code, Codebook

TEXT = "text"
CODES = "codes"
FREQUENT = "vaak"
EVIDENCE = "bewijs"
NONE = "geen"
NO_CODE = "geen_code"
NEW_CODE = "nieuwe_code_nodig"
PROPOSED = "nieuwe_code"
MEMO = "memo"
UNUSED = "niet_meer_gebruikt"

CONTEXT = "context"
"""The field of a task that holds the respondent's closed answers."""

HOTKEYS = "123456789"
"""One for each of the frequent codes; 0 is for "no code", n for "new code"."""

GUIDE = 60
"""With more active codes than this the folded guide is left out: it would slow the screen."""

_NEEDED = "Nieuwe code nodig"

# XML 1.0 cannot hold these, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def labelling_config(
    codebook: Codebook,
    question_text: str,
    unused: Sequence[Code] = (),
    frequent: Sequence[str] = (),
    opinions: int = 0,
) -> str:
    """Return the XML of the screen on which answers to one question are coded.

    Each active code is a choice whose alias is its id, so that the last part of a chosen
    path is a code id, whatever the labels are. `unused` codes, which annotations still
    hold, stand in a part of the tree of their own, so that Label Studio keeps showing them.
    At most nine `frequent` codes (ids) get a box and a key. With `opinions` the screen is
    one of adjudication, with so many codings side by side.
    """
    screen = Element("View", {"style": "max-width: 60em"})
    SubElement(screen, "Header", {"value": _value(question_text), "size": "4"})
    # The whole label set is out of sight: evidence is the machine's to mark, not the coder's.
    marks = SubElement(SubElement(screen, "View", {"style": "display: none"}), "Labels")
    marks.attrib.update({"name": EVIDENCE, "toName": TEXT})
    SubElement(marks, "Label", {"value": EVIDENCE, "background": "#f59e0b"})
    box = "padding: 1em; margin-bottom: 1em; border: 1px solid #cbd5e1; border-radius: 6px"
    answer = SubElement(screen, "View", {"style": box})
    SubElement(answer, "Text", {"name": TEXT, "value": f"${TEXT}", "valueType": "text"})
    closed = "font-weight: normal; font-size: 14px; color: #475569; white-space: pre-line"
    SubElement(screen, "Header", {"value": f"${CONTEXT}", "size": "6", "style": closed})
    _add_opinions(screen, opinions)
    SubElement(screen, "Header", {"value": "Welke codes passen bij dit antwoord?", "size": "5"})
    _add_frequent(screen, codebook, frequent)
    _add_tree(screen, codebook, unused)
    _add_outcomes(screen)
    _add_area(screen, MEMO, "Memo (niet verplicht)")
    if len(codebook.active) <= GUIDE:
        _add_guide(screen, codebook)
    return ElementTree.tostring(screen, encoding="unicode")


def code_path(codebook: Codebook, code: str) -> list[str]:
    """Return the aliases from the top of the tree on the screen down to an active code."""
    active = {entry.id for entry in codebook.active}
    return [step for step in codebook.path(code) if step in active]


def frequent_in(config: str) -> list[str]:
    """Return the ids of the codes that have a key on a screen, in the order of the keys."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, recover=True)
    screen = etree.fromstring(config.encode(), parser) if config else None
    if screen is None:
        return []
    choices = screen.iterfind(f".//Choices[@name='{FREQUENT}']/Choice")
    return [choice.get("alias", "") for choice in choices]


def opinion_fields(number: int) -> tuple[str, str]:
    """Return the names of the task's fields for the name and the coding of opinion `number`."""
    return f"codeur_{number}", f"codering_{number}"


def _add_opinions(screen: Element, opinions: int) -> None:
    """Show codings side by side."""
    if not opinions:
        return
    row = SubElement(screen, "View", {"style": "display: flex; gap: 1em; margin-bottom: 1em"})
    for number in range(1, opinions + 1):
        style = "flex: 1; padding: .7em; border: 1px solid #cbd5e1; border-radius: 6px"
        column = SubElement(row, "View", {"style": f"{style}; background: #f8fafc"})
        name, said = opinion_fields(number)
        SubElement(column, "Header", {"value": f"${name}", "size": "5"})
        plain = "font-weight: normal; font-size: 15px; white-space: pre-line"
        SubElement(column, "Header", {"value": f"${said}", "size": "6", "style": plain})


def _add_frequent(screen: Element, codebook: Codebook, frequent: Sequence[str]) -> None:
    active = {entry.id for entry in codebook.active}
    codes = [code for code in frequent if code in active][: len(HOTKEYS)]
    if not codes:
        return
    boxes = SubElement(
        screen,
        "Choices",
        {"name": FREQUENT, "toName": TEXT, "choice": "multiple", "showInline": "true"},
    )
    for key, code in zip(HOTKEYS, codes, strict=False):
        entry = codebook.by_id[code]
        box = SubElement(
            boxes, "Choice", {"value": _value(entry.label), "alias": code, "hotkey": key}
        )
        if entry.definition:
            box.set("hint", _written(entry.definition))


def _add_tree(screen: Element, codebook: Codebook, unused: Sequence[Code]) -> None:
    tree = SubElement(
        screen,
        "Taxonomy",
        {
            "name": CODES,
            "toName": TEXT,
            "leafsOnly": "false",
            "showFullPath": "true",
            "pathSeparator": " › ",
            "placeholder": "Klik en kies een of meer codes",
            "minWidth": "420px",
        },
    )
    below: dict[str, list[Code]] = {}
    for code in codebook.active:
        # A code below a retired one moves up to the nearest that is on the screen.
        above = code_path(codebook, code.id)[:-1]
        below.setdefault(above[-1] if above else "", []).append(code)
    _add_choices(tree, "", below)
    if unused:
        hint = "Deze codes worden niet meer gegeven; kies zo nodig een andere."
        old = SubElement(
            tree, "Choice", {"value": "Niet meer gebruikt", "alias": UNUSED, "hint": hint}
        )
        _add_choices(old, "", {"": list(unused)})


def _add_choices(parent: Element, above: str, below: Mapping[str, list[Code]]) -> None:
    for code in below.get(above, []):
        choice = SubElement(parent, "Choice", {"value": _value(code.label), "alias": code.id})
        if code.definition:
            choice.set("hint", _written(code.definition))
        _add_choices(choice, code.id, below)


def _add_outcomes(screen: Element) -> None:
    """Add "no code fits" and "a code is missing", the latter with a field for its name."""
    outcomes = SubElement(screen, "Choices", {"name": NONE, "toName": TEXT, "choice": "multiple"})
    for value, alias, key, hint in (
        (
            "Geen enkele code past",
            NO_CODE,
            "0",
            "Kruis dit aan als u het antwoord las en er geen code bij past.",
        ),
        (
            _NEEDED,
            NEW_CODE,
            "n",
            "Het antwoord zegt iets waarvoor het codeboek geen code heeft. De codes die wel"
            " passen geeft u ook.",
        ),
    ):
        SubElement(
            outcomes, "Choice", {"value": value, "alias": alias, "hotkey": key, "hint": hint}
        )
    hidden = SubElement(
        screen,
        "View",
        {"visibleWhen": "choice-selected", "whenTagName": NONE, "whenChoiceValue": _NEEDED},
    )
    _add_area(hidden, PROPOSED, "Hoe zou die code heten?")


def _add_area(parent: Element, name: str, placeholder: str) -> None:
    SubElement(
        parent,
        "TextArea",
        {
            "name": name,
            "toName": TEXT,
            "placeholder": placeholder,
            "rows": "2" if name == MEMO else "1",
            # One text, kept on submit: no English button to press first.
            "maxSubmissions": "1",
            "showSubmitButton": "false",
        },
    )


def _add_guide(screen: Element, codebook: Codebook) -> None:
    """Add the whole codebook, folded; as hints, longer than a definition hides the answer."""
    panel = SubElement(
        SubElement(screen, "Collapse"), "Panel", {"value": "Codeboek: wat hoort waar?"}
    )
    guide = SubElement(panel, "View")
    for code in codebook.active:
        indent = f"margin-left: {28 * len(code_path(codebook, code.id)) - 28}px; font-size: 14px"
        SubElement(
            guide,
            "Header",
            {"value": _value(code.label), "size": "6", "style": f"{indent}; margin-top: 8px"},
        )
        for line in _guidance(code):
            plain = f"{indent}; font-weight: normal"
            SubElement(guide, "Header", {"value": _value(line), "size": "6", "style": plain})


def _guidance(code: Code) -> list[str]:
    lines = [
        code.definition,
        f"Wel: {'; '.join(code.include)}" if code.include else "",
        f"Niet: {'; '.join(code.exclude)}" if code.exclude else "",
    ]
    return [line for line in lines if line]


def _value(text: str) -> str:
    """Keep Label Studio from reading "$naam" in a label as the name of a data field."""
    return _written(text).replace("$", "$\u2060")


def _written(text: str) -> str:
    return _UNWRITABLE.sub("", text)
