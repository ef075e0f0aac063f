"""A codebook as a REFI-QDA codebook (.qdc), which MAXQDA, NVivo, ATLAS.ti, QualCoder … read.

Written and read after REFI-QDA 1.5, section 5.2; both ways the file is checked against the
standard's schema. A code's GUID follows from the codebook and the id, so that a later export
names the same codes. `isCodable` is false for a retired code.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from opentekst.codebook.codebook import Code, Codebook
from opentekst.codebook.description import describe, read_description
from opentekst.codebook.incoming import (
    FORBIDDEN,
    Entry,
    Fault,
    Incoming,
    read_stamp,
    stamp,
    tree_faults,
)
from opentekst.errors import CodebookError

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:QDA-XML:codebook:1.0"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_OTHERS = re.compile(r"urn:QDA-XML:(?:codebook|project):[\d:.]+")
_MAX_DEPTH = 100


def guid(codebook: str, code: str) -> uuid.UUID:
    """Return the GUID of a code: always the same for the same codebook and id (UUID 5)."""
    return uuid.uuid5(uuid.uuid5(_ROOT, codebook), code)


def write_qdc(book: Codebook) -> bytes:
    """Return the codebook as .qdc, valid by the standard's schema.

    Names are made unique with the id where two codes share a label, because QualCoder and
    others know a code by its name. Raises CodebookError for a codebook without codes and
    for characters that XML cannot hold.
    """
    from lxml import etree

    if not book.codes:
        raise CodebookError(
            f"codeboek '{book.id}' heeft geen codes",
            remedy="Voeg eerst een code toe; een .qdc-bestand zonder codes bestaat niet.",
        )
    for code in book.codes:
        if bad := FORBIDDEN.search("".join((code.label, describe(code)))):
            raise CodebookError(
                f"code '{code.id}' heeft een onzichtbaar stuurteken in een van haar teksten",
                found=f"U+{ord(bad[0]):04X}",
                remedy="Haal het weg in het codeboek; een .qdc-bestand kan het niet bevatten.",
            )
    names = _names(book)
    rows = _rows(book)
    root = etree.fromstring(f'<CodeBook xmlns="{NAMESPACE}"/>')
    root.set("origin", stamp(book.ref))
    elements = {"": etree.SubElement(root, _tag("Codes"))}
    for code in _parents_first(book):
        element = etree.SubElement(
            elements[code.parent],
            _tag("Code"),
            {
                "guid": str(guid(book.id, code.id)).upper(),
                "name": names[code.id],
                "isCodable": "true" if code.status == "active" else "false",
            },
        )
        etree.SubElement(element, _tag("Description")).text = describe(code, rows[code.id])
        elements[code.id] = element
    _schema().assertValid(root)
    text = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return bytes(text)


def _parents_first(book: Codebook) -> list[Code]:
    """Return the codes such that a parent stands before its children, else in file order."""
    depth = {code.id: len(book.ancestors(code.id)) for code in book.codes}
    return sorted(book.codes, key=lambda code: depth[code.id])


def _rows(book: Codebook) -> dict[str, int]:
    """Return each code's row, or zeros where the order is that of the tree."""
    children: dict[str, list[str]] = {}
    for code in book.codes:
        children.setdefault(code.parent, []).append(code.id)
    walk: list[str] = []
    stack = children.get("", [])[::-1]
    while stack:
        walk.append(stack.pop())
        stack += children.get(walk[-1], [])[::-1]
    same = walk == [code.id for code in book.codes]
    return {code.id: 0 if same else i for i, code in enumerate(book.codes, start=1)}


def _names(book: Codebook) -> dict[str, str]:
    shared = Counter(code.label.strip().casefold() for code in book.codes)
    return {
        code.id: f"{code.label} ({code.id})"
        if shared[code.label.strip().casefold()] > 1 or code.label.endswith(f" ({code.id})")
        else code.label
        for code in book.codes
    }


def read_qdc(content: bytes, known: Codebook | None = None) -> Incoming:
    """Read a .qdc file, by this program or another.

    Codes are recognised by the id in their description, else by their GUID among those of
    `known`, else by their label there; the others get an id made from their name. Raises
    CodebookError for what is no REFI-QDA codebook.
    """
    root, remarks = _parsed(content)
    reader = _Reader(known)
    for element in root.iterfind(f"{_tag('Codes')}/{_tag('Code')}"):
        reader.read(element, "", 1)
    if root.find(_tag("Sets")) is not None:
        remarks.append("sets (groepen van codes) worden niet ingelezen")
    if reader.rows and all(reader.rows):
        order = sorted(range(len(reader.rows)), key=reader.rows.__getitem__)
        reader.entries = [reader.entries[i] for i in order]
        reader.lines = [reader.lines[i] for i in order]
    codes = [entry.code for entry in reader.entries]
    lines = reader.lines
    elsewhere = frozenset(known.by_id) if known else frozenset()
    faults = tree_faults(codes, lambda i, _field: f"regel {lines[i]}", elsewhere)
    return Incoming(
        tuple(reader.entries),
        (*reader.faults, *faults),
        (*remarks, *reader.remarks),
        read_stamp(root.get("origin") or ""),
    )


class _Reader:
    """Turns Code elements into entries, top down."""

    def __init__(self, known: Codebook | None) -> None:
        self.known = known
        self.entries: list[Entry] = []
        self.lines: list[int] = []
        self.rows: list[int] = []
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        self._taken = set(known.by_id) if known else set()
        codes = known.codes if known else ()
        self._by_guid = {guid(known.id, c.id): c.id for c in codes} if known else {}
        labels = Counter(code.label.strip().casefold() for code in codes)
        self._by_label = {
            code.label.strip().casefold(): code.id
            for code in codes
            if labels[code.label.strip().casefold()] == 1
        }
        self._seen: set[str] = set()

    def read(self, element: etree._Element, parent: str, depth: int) -> None:
        """Read one Code element and those within it."""
        name = str(element.get("name"))
        said = read_description(element.findtext(_tag("Description")) or "")
        code_id = said.id or self._recognised(element, name) or self._new_id(name, parent)
        fields = {"label", "parent"}
        if said.id:
            fields |= {"status", "definition", "include", "exclude", "keywords", "examples"}
        else:
            fields |= {"definition", *said.lists} if said.definition else set(said.lists)
            if element.get("isCodable") in ("false", "0") and code_id not in self._taken:
                self.remarks.append(
                    f"'{name}' is daar een kopje en wordt hier een gewone code ({code_id})"
                )
        self._taken.add(code_id)
        self._seen.add(code_id)
        label = name.removesuffix(f" ({code_id})")
        code = Code(code_id, label, parent, said.definition, **said.lists, status=said.status)
        if not label.strip():
            self.faults.append(
                Fault(
                    f"regel {_line(element)}",
                    "deze code heeft geen naam",
                    remedy="Geef ze een naam in het andere programma en exporteer opnieuw.",
                )
            )
        self.entries.append(Entry(code, frozenset(fields)))
        self.lines.append(_line(element))
        self.rows.append(said.row)
        for child in element.iterfind(_tag("Code")):
            if depth >= _MAX_DEPTH:
                raise CodebookError(
                    f"de codes hangen meer dan {_MAX_DEPTH} niveaus diep",
                    place=f"regel {_line(child)}",
                    remedy="Kijk na of dit het juiste bestand is.",
                )
            self.read(child, code_id, depth + 1)

    def _recognised(self, element: etree._Element, name: str) -> str:
        known = self._by_guid.get(uuid.UUID(element.get("guid")))
        found = known or self._by_label.get(name.strip().casefold(), "")
        return "" if found in self._seen else found

    def _new_id(self, name: str, parent: str) -> str:
        plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_") or "code"
        wanted = f"{parent}.{slug}" if parent else slug
        number = 2
        unique = wanted
        while unique in self._taken:
            unique, number = f"{wanted}_{number}", number + 1
        return unique


def _parsed(content: bytes) -> tuple[etree._Element, list[str]]:
    """Return the valid root element; older namespaces are read as the standard's."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise CodebookError(
            "dit is geen leesbaar XML-bestand",
            place=f"regel {fault.lineno}",
            remedy="Exporteer het codeboek opnieuw als 'REFI-QDA Codebook (.qdc)'.",
        ) from None
    remarks = []
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise CodebookError(
            "dit bestand heeft een documenttype (DTD); dat hoort niet in een .qdc-bestand",
            remedy="Exporteer het codeboek opnieuw als 'REFI-QDA Codebook (.qdc)'.",
        )
    spaces = {etree.QName(e).namespace for e in root.iter(etree.Element)}
    if spaces - {NAMESPACE} and all(_OTHERS.fullmatch(space or "") for space in spaces):
        remarks.append("het bestand volgt een oudere versie van REFI-QDA")
        for element in root.iter(etree.Element):
            element.tag = _tag(etree.QName(element).localname)
    for empty in root.findall(_tag("Sets")):
        if not len(empty):  # Taguette and others write an empty list, which the schema forbids.
            root.remove(empty)
    schema = _schema()
    if not schema.validate(root):
        first = schema.error_log[0]
        raise CodebookError(
            "dit is geen REFI-QDA-codeboek",
            place=f"regel {first.line}",
            found=str(first.message).replace(f"{{{NAMESPACE}}}", "")[:120],
            remedy="Exporteer in het andere programma als 'REFI-QDA Codebook (.qdc)',"
            " niet als project (.qdpx).",
        )
    return root, remarks


@cache
def _schema() -> Any:
    from lxml import etree

    text = files("opentekst.codebook").joinpath("schemas", "codebook.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text))


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
