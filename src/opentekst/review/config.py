"""The coder's screen: a codebook becomes a Label Studio labelling configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from opentekst.codebook import Code, Codebook

TEXT = "text"
CODES = "codes"
NONE = "geen"
NO_CODE = "geen_code"
MEMO = "memo"
UNUSED = "niet_meer_gebruikt"

# XML 1.0 cannot hold these, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def labelling_config(codebook: Codebook, question_text: str, unused: Sequence[Code] = ()) -> str:
    """Return the XML of the screen on which answers to one question are coded.

    Each active code is a choice whose alias is its id, so that the last part of a chosen
    path is a code id, whatever the labels are. `unused` codes, which annotations still
    hold, stand in a part of the tree of their own, so that Label Studio keeps showing them.
    """
    screen = Element("View", {"style": "max-width: 60em"})
    SubElement(screen, "Header", {"value": _value(question_text), "size": "4"})
    box = "padding: 1em; margin-bottom: 1em; border: 1px solid #cbd5e1; border-radius: 6px"
    answer = SubElement(screen, "View", {"style": box})
    SubElement(answer, "Text", {"name": TEXT, "value": f"${TEXT}", "valueType": "text"})
    SubElement(screen, "Header", {"value": "Welke codes passen bij dit antwoord?", "size": "5"})
    _add_tree(screen, codebook, unused)
    nothing = SubElement(screen, "Choices", {"name": NONE, "toName": TEXT, "choice": "multiple"})
    hint = "Kruis dit aan als u het antwoord las en er geen code bij past."
    SubElement(
        nothing, "Choice", {"value": "Geen enkele code past", "alias": NO_CODE, "hint": hint}
    )
    SubElement(
        screen,
        "TextArea",
        {
            "name": MEMO,
            "toName": TEXT,
            "placeholder": "Memo (niet verplicht)",
            "rows": "2",
            # One memo, kept on submit: no English button to press first.
            "maxSubmissions": "1",
            "showSubmitButton": "false",
        },
    )
    _add_guide(screen, codebook)
    return ElementTree.tostring(screen, encoding="unicode")


def code_path(codebook: Codebook, code: str) -> list[str]:
    """Return the aliases from the top of the tree on the screen down to an active code."""
    active = {entry.id for entry in codebook.active}
    return [step for step in codebook.path(code) if step in active]


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
            "minWidth": "360",
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
