"""Wrong input is refused with place and remedy, and earlier results stay as they were."""

from __future__ import annotations

import csv
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

EXPORT = "data/raw/bevraging_2021.csv"
LEDGER = "annotations/noden/people.jsonl"


def opentekst(
    root: Path, *arguments: str, limit: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real command; `limit` is the largest file it may write, in bytes."""

    def full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    return subprocess.run(
        [sys.executable, "-m", "opentekst", *arguments, "--study", str(root)],
        capture_output=True,
        text=True,
        preexec_fn=full_disk if limit else None,
        check=False,
    )


def results(root: Path) -> dict[str, bytes]:
    places = [root / "results", root / "data" / "work", root / "annotations"]
    files = [p for place in places for p in place.rglob("*") if p.suffix != ".lock" and p.is_file()]
    return {str(p.relative_to(root)): p.read_bytes() for p in [*files, root / "run.lock.json"]}


def edit_csv(root: Path, change: Callable[[list[list[str]]], list[list[str]]]) -> None:
    path = root / EXPORT
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = change(list(csv.reader(stream)))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)


def lose_a_column(root: Path) -> None:
    edit_csv(root, lambda rows: [["kader_X" if c == "kader_2" else c for c in rows[0]], *rows[1:]])


def lose_two_header_rows(root: Path) -> None:
    edit_csv(root, lambda rows: [rows[0], *rows[3:]])


def unknown_value(root: Path) -> None:
    def change(rows: list[list[str]]) -> list[list[str]]:
        column = rows[0].index("onderscheid")
        row = next(r for r in rows[3:] if r[column] == "Ja" and "IP Address" in r and "True" in r)
        row[column] = "Misschien"
        return rows

    edit_csv(root, change)


def nobody_finished(root: Path) -> None:
    path = root / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('accept: ["True", "1"]', 'accept: ["Waar"]'), encoding="utf-8")


def garbage(root: Path) -> None:
    (root / EXPORT).write_bytes(b"\x00\x01\x02" * 1000)


def no_export(root: Path) -> None:
    (root / EXPORT).unlink()


def unknown_code(root: Path) -> None:
    with (root / LEDGER).open("r+", encoding="utf-8") as stream:
        line = json.loads(stream.readline())
        stream.seek(0, 2)
        stream.write(json.dumps({**line, "codes": ["bestaat.niet"], "score": [1.0]}) + "\n")


def half_a_line(root: Path) -> None:
    with (root / LEDGER).open("a", encoding="utf-8") as stream:
        stream.write('{"answer": "R_1:noden", "codes": [')


def duplicate_code(root: Path) -> None:
    with (root / "codebooks" / "noden.yaml").open("a", encoding="utf-8") as stream:
        stream.write("  - {id: vrijwilligers, label: Nog eens}\n")


def circle(root: Path) -> None:
    with (root / "codebooks" / "noden.yaml").open("a", encoding="utf-8") as stream:
        stream.write(
            "  - {id: k1, label: Een, parent: k2}\n  - {id: k2, label: Twee, parent: k1}\n"
        )


def no_codebook(root: Path) -> None:
    (root / "codebooks" / "themas.yaml").unlink()


def misspelt_setting(root: Path) -> None:
    path = root / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nseed:", "\nzaad:", 1), encoding="utf-8")


REFUSALS = [
    (lose_a_column, 1, ["bevraging_2021.csv, rij 1", "kader_2", "kader_X"]),
    (lose_two_header_rows, 1, ["bevraging_2021.csv, rij 2-3", "kopregels", "Exporteer opnieuw"]),
    (unknown_value, 1, ["rij ", "kolom 'onderscheid'", "tekst van 9 tekens"]),
    (nobody_finished, 1, ["kolom 'Finished'", "False, True", "Waar"]),
    (garbage, 1, ["bevraging_2021.csv", "niet te lezen"]),
    (no_export, 1, ["bevraging_2021.csv", "is er niet", "study.yaml"]),
    (unknown_code, 1, ["people.jsonl:", "bestaat.niet"]),
    (half_a_line, 1, ["people.jsonl:", "geen volledige codering"]),
    (duplicate_code, 1, ["noden.yaml:", "staat er al op regel"]),
    (circle, 1, ["noden.yaml:", "kring", "k1 > k2 > k1"]),
    (no_codebook, 1, ["themas.yaml", "is er niet"]),
    (misspelt_setting, 2, ["study.yaml:", "zaad", "bestaat niet"]),
]


@pytest.mark.parametrize(
    ("spoil", "code", "says"), REFUSALS, ids=lambda x: getattr(x, "__name__", "")
)
def test_wrong_input_is_refused_and_earlier_results_stay(
    study: Path, spoil: Callable[[Path], None], code: int, says: list[str]
) -> None:
    spoil(study)
    before = results(study)
    done = opentekst(study, "run")
    message = " ".join(done.stderr.split())
    assert done.returncode == code, message
    for part in says:
        assert part in message
    assert "Wat u kunt doen" in message
    assert "Traceback" not in message
    assert results(study) == before


def test_a_message_never_holds_the_text_of_an_answer(study: Path) -> None:
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert "    column: onderscheid\n" in text
    path.write_text(text.replace("column: onderscheid\n", "column: noden\n"), encoding="utf-8")
    with (study / EXPORT).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    column = rows[0].index("noden")
    done = opentekst(study, "run")
    assert done.returncode == 1
    assert not [
        row[column] for row in rows[3:] if len(row[column]) > 8 and row[column] in done.stderr
    ]


def test_a_full_disk_leaves_earlier_results_untouched(study: Path) -> None:
    edit_csv(study, lambda rows: rows[:-1])
    before = results(study)
    done = opentekst(study, "run", limit=20_000)
    assert done.returncode == 1
    assert "niet schrijven" in done.stderr
    assert "schijfruimte" in done.stderr
    assert results(study) == before


def start(study: Path) -> subprocess.Popen[str]:
    """Start coding, and return once it is at work: it made the study's lock."""
    lock = study / "data" / "work" / "bezig.lock"
    lock.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "opentekst", "code", "--study", str(study)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not lock.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    assert process.poll() is None, "the run ended before it could be interrupted"
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_earlier_results_untouched(
    study: Path, how: signal.Signals
) -> None:
    before = results(study)
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nseed: 2021", "\nseed: 2022", 1), encoding="utf-8")
    process = start(study)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert results(study) == before
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Onderbroken" in said
    path.write_text(text, encoding="utf-8")
    again = opentekst(study, "run")
    assert again.returncode == 0
    assert "niets gedaan" in again.stdout


def test_two_runs_at_once_do_not_mix(study: Path) -> None:
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nseed: 2021", "\nseed: 2022", 1), encoding="utf-8")
    first = start(study)
    second = opentekst(study, "code")
    first.kill()
    first.communicate()
    assert second.returncode == 1
    assert "een andere opentekst-opdracht" in second.stderr


def test_a_stage_first_redoes_what_it_builds_on(study: Path) -> None:
    before = results(study)
    edit_csv(study, lambda rows: rows[:-1])
    assert json.loads(opentekst(study, "status", "--json").stdout)["stages"]["tables"] is False
    done = opentekst(study, "normalise", "--json")
    assert {stage: it["ran"] for stage, it in json.loads(done.stdout).items()} == {
        "read": True,
        "normalise": True,
    }
    assert results(study) != before
    done = opentekst(study, "show")
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr


def test_show_before_the_first_run_says_what_to_do(tmp_path: Path, study: Path) -> None:
    (study / "data" / "work" / "decisions.jsonl").unlink()
    done = opentekst(study, "show")
    assert done.returncode == 1
    assert "opentekst run" in done.stderr


def test_outside_a_study_the_message_says_so(tmp_path: Path) -> None:
    done = opentekst(tmp_path, "run")
    assert done.returncode == 2
    assert "geen studie" in done.stderr
