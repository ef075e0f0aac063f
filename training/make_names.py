"""Make the list of names that ships with opentekst: `python training/make_names.py`.

Sources: the name and city providers of Faker (MIT), the countries and the world's larger
cities in Dutch from Babel's CLDR (Unicode-3.0), Statbel's municipalities (CC BY 4.0) and
`names_own.txt`; and, in a file apart, the ordinary words of UD_Dutch-Alpino and -LassySmall
(CC BY-SA 4.0). Faker is needed here only, not where opentekst runs. Nothing is drawn at
random: the same versions give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "src" / "opentekst"
DATA = PACKAGE / "language" / "data"
TREEBANKS = ("alpino-dev", "alpino-test", "lassy-dev", "lassy-test")
NEAR = ("nl_BE", "nl_NL", "fr_BE")
FAR = (
    *("fr_FR", "tr_TR", "en_GB", "en_US", "de_DE", "it_IT", "es_ES", "fr_QC", "fr_CH"),
    *("pl_PL", "ro_RO", "pt_PT", "sv_SE", "da_DK", "no_NO", "hu_HU", "cs_CZ", "hr_HR", "sk_SK"),
    *("sl_SI", "fi_FI", "en_PK", "en_IN", "az_AZ", "vi_VN", "de_AT", "tw_GH", "yo_NG", "pt_BR"),
)
CITY_LOCALES = ("nl_BE", "nl_NL")
LONGEST = 30


def fold(name: str) -> str:
    """Return `name` in lower case without accents: the form in which names are looked up."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def faker_names(kind: str, locales: Iterable[str]) -> Iterator[str]:
    """Yield every `kind` ("first" or "last") name of these locales, in Latin script."""
    for locale in locales:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in sorted(dir(provider)):
            values = getattr(provider, attribute)
            if f"{kind}_name" in attribute and isinstance(values, tuple | list | Mapping):
                yield from (name for name in values if name.isascii() or _latin(name))


def _latin(name: str) -> bool:
    return all(not c.isalpha() or unicodedata.name(c, "").startswith("LATIN") for c in name)


def places() -> Iterator[str]:
    """Yield names of places: Belgian and Dutch towns, municipalities, countries, cities."""
    from babel import Locale

    for locale in CITY_LOCALES:
        yield from importlib.import_module(f"faker.providers.address.{locale}").Provider.cities
    dutch = Locale("nl")
    yield from dutch.territories.values()
    yield from (zone["city"] for zone in dutch.time_zones.values() if "city" in zone)
    for file, columns in (
        ("gemeenten.csv", ("naam", "arrondissement", "provincie")),
        ("fusies_2025.csv", ("naam_oud", "naam_nieuw")),
    ):
        with (PACKAGE / "survey" / "statbel" / file).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield from (row[column] for column in columns)


def own() -> dict[str, list[str]]:
    """Return the names written down by hand, by part."""
    parts: dict[str, list[str]] = {}
    here: list[str] = []
    for line in (HERE / "names_own.txt").read_text(encoding="utf-8").splitlines():
        if line in ("first", "last", "place", "organisation"):
            here = parts.setdefault(line, [])
        elif not line.startswith("#"):
            here += [word.replace("_", " ") for word in line.split()]
    return parts


def tidy(names: Iterable[str]) -> list[str]:
    """Return folded names, each once, sorted; what is no name is left out."""
    folded = {fold(name.split(" (")[0].strip()) for name in names}
    return sorted(name for name in folded if 2 <= len(name) <= LONGEST and "|" not in name)


def ordinary_words(folder: Path) -> list[str]:
    """Return the words that the treebanks write in lower case and do not tag as a name."""
    seen: set[str] = set()
    for part in TREEBANKS:
        for line in (folder / f"{part}.conllu").read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            if len(cells) == 10 and cells[3] not in ("PROPN", "X", "SYM") and cells[1].islower():
                seen.add(cells[1])
    return tidy(word for word in seen if word.replace("-", "").isalpha())


def write(name: str, text: str) -> None:
    """Write a packed text without a date in it, and say how large it is."""
    target = DATA / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {target.stat().st_size // 1000} kB")


def main() -> None:
    """Write both lists and say how long they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = HERE.parent.parent / "shared"
    parser.add_argument("--treebanks", type=Path, default=shared / "data" / "ud_nl")
    treebanks = parser.parse_args().treebanks
    by_hand = own()
    parts = {
        "first": tidy([*faker_names("first", NEAR), *by_hand["first"]]),
        "last": tidy([*faker_names("last", NEAR), *by_hand["last"]]),
        "first_far": tidy(faker_names("first", FAR)),
        "last_far": tidy(faker_names("last", FAR)),
        "place": tidy([*places(), *by_hand["place"]]),
        "organisation": tidy(by_hand["organisation"]),
    }
    for part, names in parts.items():
        print(f"{part}: {len(names)}")
    write("names.txt.gz", "".join(f"{part}\t{'|'.join(names)}\n" for part, names in parts.items()))
    write("ordinary_words.txt.gz", "\n".join(ordinary_words(treebanks)))


if __name__ == "__main__":
    main()
