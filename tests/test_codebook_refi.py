"""Codebooks go to other programs and come back by REFI-QDA."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from opentekst.codebook import Codebook
from opentekst.codebook.merging import merged
from opentekst.codebook.refi import read_qdc, write_qdc
from opentekst.errors import CodebookError
from test_codebook_exchange import SHIPPED, big, small


def qualcoder(content: bytes) -> sqlite3.Connection:
    """Read a .qdc the way QualCoder does, after its published source (refi.py).

    It reads with xml.etree, takes a Code for a category only where isCodable is "false", hangs
    a code under its parent code or category, and keeps names in columns that must be unique.
    """
    db = sqlite3.connect(":memory:")
    db.execute("create table cat (id integer primary key, name text unique, memo, above)")
    db.execute(
        "create table code (id integer primary key, name text unique, memo, cat, above, guid)"
    )
    root = ET.fromstring(content)
    space = root[0].tag.split("}")[0] + "}"
    assert space == "{urn:QDA-XML:codebook:1.0}"

    def take(element: ET.Element, cat: int | None, above: int | None) -> None:
        memo = element.findtext(f"{space}Description") or ""
        if element.get("isCodable") == "false":
            row = db.execute(
                "insert into cat (name, memo, above) values (?, ?, ?)",
                (element.get("name"), memo, cat),
            )
            cat, above = row.lastrowid, None
        else:
            row = db.execute(
                "insert into code (name, memo, cat, above, guid) values (?, ?, ?, ?, ?)",
                (
                    element.get("name"),
                    memo,
                    None if above else cat,
                    above,
                    element.get("guid"),
                ),
            )
            cat, above = None, row.lastrowid
        for child in element.findall(f"{space}Code"):
            take(child, cat, above)

    codes_element = root.find(f"{space}Codes")
    assert codes_element is not None
    for element in codes_element:
        take(element, None, None)
    return db


def test_another_program_reads_every_code_with_its_text_and_its_place() -> None:
    book = big()
    db = qualcoder(write_qdc(book))
    kept = db.execute("select count(*) from code").fetchone()[0]
    kept += db.execute("select count(*) from cat").fetchone()[0]
    assert kept == 300, "geen naam stond er twee keer"
    by_memo = {
        memo.rpartition("[Code] ")[2].split(" ")[0]: name
        for name, memo in db.execute(
            "select name, memo from code union all select name, memo from cat"
        )
    }
    assert set(by_memo) == set(book.by_id)
    for code in book.codes:
        assert by_memo[code.id] in (code.label, f"{code.label} ({code.id})")
    shipped = Codebook.load(next(p for p in SHIPPED if p.stem == "noden"))
    above = dict(
        qualcoder(write_qdc(shipped)).execute(
            "select c.name, p.name from code c left join code p on p.id = c.above"
        )
    )
    labels = {code.id: code.label for code in shipped.codes}
    assert above == {code.label: labels.get(code.parent) for code in shipped.codes}


def test_a_file_of_another_program_is_read() -> None:
    content = b"""<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="ATLAS.ti"><Codes>
<Code guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294" name="Beleid &amp; visie" isCodable="false">
<Code guid="{2FF58B12-6F6F-4B0C-8BE5-BBDC91F55294}" name="Geld" color="#46AA00" isCodable="true">
<Description>Nood aan geld.

Alle soorten.</Description></Code></Code></Codes>
<Sets><Set name="groep" guid="ECA18D76-2B8B-4F26-BC1D-19ECA19FB3F0">
<MemberCode guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294"/></Set></Sets></CodeBook>"""
    incoming = read_qdc(content)
    assert [(c.id, c.label, c.parent, c.definition) for c in incoming.codes] == [
        ("beleid_visie", "Beleid & visie", "", ""),
        ("beleid_visie.geld", "Geld", "beleid_visie", "Nood aan geld.\n\nAlle soorten."),
    ]
    assert {code.status for code in incoming.codes} == {"active"}
    assert len(incoming.remarks) == 2


def test_codes_are_known_again_by_guid_and_what_another_program_dropped_stays() -> None:
    root = ET.fromstring(write_qdc(small()))
    space = "{urn:QDA-XML:codebook:1.0}"
    for element in root.iter(f"{space}Code"):
        element.remove(element[0])
    root[0][0].set("name", "Centen")
    incoming = read_qdc(ET.tostring(root), small())
    book = merged(small(), incoming.entries)
    assert book.by_id["geld"].label == "Centen"
    assert replace(book.by_id["geld"], label="Geld") == small().codes[0]
    assert book.codes[1:] == small().codes[1:]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<CodeBook", "geen leesbaar XML"),
        (b"<Project xmlns='urn:QDA-XML:project:1.0'/>", "geen REFI-QDA-codeboek"),
        (
            b"<CodeBook xmlns='urn:QDA-XML:codebook:1.0'><Codes><Code guid='1' name='a'"
            b" isCodable='true'/></Codes></CodeBook>",
            "geen REFI-QDA-codeboek",
        ),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DTD"),
    ],
)
def test_what_is_no_codebook_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(CodebookError, match=says):
        read_qdc(content)
