"""Count the tables again from the written CSV, without opentekst, and compare.

    python data/raw/example/check.py [STUDY FOLDER WITH THE EXPORT]

Independent of the package and of make_example.py: pandas on the CSV, the header rows for
the labels, the ledger for the "andere" texts, the report's table for the expectation.
Prints the numbers of municipalities that differ (and then exits 1) and the percentages that
differ: those that no whole base gives, and one that does not fit the rest of its column.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[3]
GROUPS = {
    "Jongeren (13-17 jaar)": "jong",
    "Jongvolwassenen (18-25 jaar)": "jongvolw",
    "Volwassenen (26-59 jaar)": "volw",
    "Ouderen (60+)": "oud",
}
# table -> the tag of its columns; `{}` is the age group
TAGS = {
    "1": "start", "2": "onderscheid", "3": "kader", "4": "samenwerking", "5": "stelling",
    "6": "covid", "7": "covid_maat", "8": "leeftijd", "9": "bewust_{}", "10": "kanaal_{}",
    "11": "risico_{}", "12": "bereik_{}", "13": "initiatief_{}", "14": "partner_{}",
}  # fmt: skip
SECTIONS = {"start": "beleid", "onderscheid": "beleid", "samenwerking": "beleid"}
SECTIONS |= {"covid": "covid", "stelling": "noden"}
SECTION_OF_GROUP = {
    "jong": "jongeren", "jongvolw": "jongvolwassenen", "volw": "volwassenen", "oud": "ouderen",
}  # fmt: skip
TEXTS = {"kader": "kader_andere", "covid_maat": "covid_andere"}
CODEBOOK = {
    "kader": "beleidskader",
    "covid_maat": "covid",
    "kanaal": "kanalen",
    "partner": "partners",
}
IMPORTANT = {"Eerder belangrijk", "Zeer belangrijk"}
EXCLUSIVE = {"Geen bredere beleidsdoelstelling", "Geen specifieke risicofactor", "Geen van deze"}


def postcodes(day: str) -> dict[str, str]:
    """Return the municipality of each postcode on `day`."""
    (path,) = (ROOT / "src/opentekst/survey").glob("*/postcodes.csv")
    with path.open(encoding="utf-8") as stream:
        return {
            row["postcode"]: row["nis"]
            for row in csv.DictReader(stream)
            if row["geldig_van"] <= day and (row["geldig_tot"] or "9999") >= day
        }


def load(export: Path, log: Callable[[str], None]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows that count, with a column `unit`, and the label of each column."""
    raw = pd.read_csv(export, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    texts, frame = raw.iloc[0], raw.iloc[2:]
    labels = {column: texts[column].rsplit(" - ", 1)[-1] for column in raw.columns}
    labels |= {c: re.sub(r"^.*?\? - ", "", texts[c]) for c in raw.columns if " - " in texts[c]}
    log(f"{len(frame)} responses")
    for column, value in (
        ("Status", "IP Address"),
        ("toestemming", "Ja, ik ga akkoord"),
        ("Finished", "True"),
    ):
        log(f"  {(frame[column] != value).sum()} removed by {column}")
        frame = frame[frame[column] == value]
    frame = frame.replace("-99", "").sort_values(["RecordedDate", "ResponseId"])
    content = list(frame.columns[list(frame.columns).index("postcode") :])
    log(f"  {frame.duplicated(content).sum()} removed as doubles")
    frame = frame[~frame.duplicated(content)]
    places = postcodes("2021-03-01")
    assigned = _study()["units"]["assign"]
    found = frame["postcode"].str.extract(r"(?<!\d)(\d{4})(?!\d)", expand=False)
    frame = frame.assign(unit=found.map(places).astype(object))
    for respondent, name in assigned.items():
        assert name == "Vilvoorde"
        frame.loc[frame["ResponseId"] == respondent, "unit"] = "23088"
    log(f"  {frame['unit'].isna().sum()} removed for want of a municipality")
    frame = frame[frame["unit"].notna()]
    many = (frame["unit"].value_counts() > 1).sum()
    log(f"{len(frame)} kept, {frame['unit'].nunique()} municipalities, {many} with more than one")
    return frame, labels


def _study() -> Any:
    return YAML(typ="safe").load((ROOT / "study.yaml").read_text(encoding="utf-8"))


def settled(frame: pd.DataFrame, column: str, section: str, how: Counter[str]) -> pd.Series[str]:
    """Return the value of each unit for a single-answer column; count why in `how`."""
    responsible = {s["id"]: set(s.get("responsible", ())) for s in _study()["sections"]}[section]

    def one(group: pd.DataFrame) -> str:
        values = group[column]
        if values.nunique() == 1:
            return str(values.iloc[0])
        owners = values[group["functie"].isin(responsible)].unique()
        if len(owners) == 1:
            how["role"] += 1
            return str(owners[0])
        counts = values.value_counts()
        leading = set(counts.index[counts == counts.max()])
        if len(leading) == 1:
            how["mode"] += 1
            return str(leading.pop())
        rest = group[values.isin(leading)].assign(p=group["Progress"].astype(float))
        best = rest.sort_values(["p", "RecordedDate"], ascending=[False, True]).iloc[0]
        first = best["RecordedDate"] == rest["RecordedDate"].min()
        how["first" if first else "complete"] += 1
        return str(best[column])

    answered = frame[frame[column] != ""]
    return pd.Series({unit: one(group) for unit, group in answered.groupby("unit")}, dtype=object)


def ticked(
    frame: pd.DataFrame, labels: Mapping[str, str], tag: str, study: Path
) -> dict[str, set[str]]:
    """Return the labels that count for each unit under a multiple question."""
    columns = [c for c in frame.columns if re.fullmatch(rf"{tag}_\d+", c)]
    units: dict[str, set[str]] = {}
    for unit, group in frame.groupby("unit"):
        found = {labels[c] for c in columns if (group[c] != "").any()}
        if found - EXCLUSIVE:
            found -= EXCLUSIVE
        if found:
            units[str(unit)] = found
    book = CODEBOOK.get(tag) or CODEBOOK.get(tag.rpartition("_")[0])
    if not book:
        return units
    codes = YAML(typ="safe").load((ROOT / f"codebooks/{book}.yaml").read_text(encoding="utf-8"))
    name = {code["id"]: code["label"] for code in codes["codes"]}
    question = TEXTS.get(tag, f"{tag}_andere")
    unit_of = dict(zip(frame["ResponseId"], frame["unit"], strict=True))
    for answer, decided in decisions(study / f"annotations/{question}/people.jsonl").items():
        unit = unit_of[answer.removesuffix(f":{question}")]
        assert name["andere"] in units[unit], "a text beside a box that nobody ticked"
        if decided and not any(code.split(".")[0] == "andere" for code in decided):
            units[unit].discard(name["andere"])
        for code in decided:
            parts = code.split(".")
            units[unit] |= {name[".".join(parts[: i + 1])] for i in range(len(parts))}
    return units


def decisions(ledger: Path) -> dict[str, set[str]]:
    """Return the decided codes of each answer: the arbiter's, else what two coders share."""
    codings: dict[str, dict[str, set[str]]] = {}
    for line in ledger.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        codings.setdefault(row["answer"], {})[row["coder"]] = set(row["codes"])
    decided = {}
    for answer, by in codings.items():
        first, second = by["person:codeur_1"], by["person:codeur_2"]
        assert ("person:arbiter" in by) == (first != second)
        decided[answer] = by.get("person:arbiter", first)
    return decided


def percent(n: int, base: int) -> Decimal:
    """Return the percentage to one decimal, halves up."""
    return (Decimal(100 * n) / base).quantize(Decimal("0.1"), ROUND_HALF_UP)


class Tables:
    """Counts cells of the fourteen tables; single answers are settled once a column."""

    def __init__(self, study: Path) -> None:
        """Load the export of the study folder."""
        self.study = study
        self.frame, self.labels = load(study / "data/raw/bevraging_2021.csv", print)
        self.how: Counter[str] = Counter()
        self.single: dict[str, pd.Series[str]] = {}
        self.multiple: dict[str, dict[str, set[str]]] = {}

    def cell(self, table: str, group: str, category: str) -> tuple[int, int]:
        """Return the number of municipalities in a cell, and its base."""
        age = GROUPS.get(group, "")
        tag = TAGS[table].format(age)
        if tag.startswith("bereik"):
            return self._one(self._item(tag, category), SECTION_OF_GROUP[age], IMPORTANT)
        if tag == "stelling":
            return self._one(self._item(tag, category), SECTIONS[tag], {group})
        if tag in self.frame.columns:
            section = SECTION_OF_GROUP[age] if age else SECTIONS[tag]
            return self._one(tag, section, {category})
        if tag not in self.multiple:
            self.multiple[tag] = ticked(self.frame, self.labels, tag, self.study)
        units = self.multiple[tag].values()
        return sum(category in held for held in units), len(units)

    def _one(self, column: str, section: str, counted: set[str]) -> tuple[int, int]:
        if column not in self.single:
            self.single[column] = settled(self.frame, column, section, self.how)
        values = self.single[column]
        return int(values.isin(counted).sum()), len(values)

    def _item(self, tag: str, label: str) -> str:
        pattern = re.compile(rf"{tag}_\d+")
        return next(c for c, text in self.labels.items() if pattern.fullmatch(c) and text == label)


def main(study: Path) -> int:
    """Compare every cell; return 1 where a number of municipalities differs."""
    counter = Tables(study)
    wrong, off = [], []
    with (ROOT / "data/rapport/tabellen.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["n"]]
    for row in rows:
        n, base = counter.cell(row["tabel"], row["groep"], row["categorie"])
        place = f"table {row['tabel']}, {row['groep']}, {row['categorie']}: {n} of {base}"
        if n != int(row["n"]):
            wrong.append(f"{place}, printed {row['n']}")
        elif percent(n, base) != Decimal(row["procent"]):
            off.append(f"{place} = {percent(n, base)}, printed {row['procent']}")
    print(f"conflicts settled: {dict(counter.how)}")
    print(f"{len(rows)} cells, {len(wrong)} wrong numbers", *wrong, sep="\n  ")
    print(f"{len(off)} percentages that differ", *off, sep="\n  ")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
