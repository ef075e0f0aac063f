"""Make the raw data of the example's second wave: an export of 2026 that never was.

Nothing in it is real, neither answers nor totals. The open answers were written by hand and coded
by hand (example/answers_2026.jsonl, example/codings_2026.jsonl); the codebook of 2026 came from
that of 2021 by `opentekst codebook apply data/raw/example/codeboek_2026.yaml`.

    python data/raw/make_wave_2026.py [--rebuild-annotations]

writes data/raw/bevraging_2026.csv and, in data/golf_2026/annotations/, the codings of two coders
and an arbiter, the audit sample, and the bridge: answers of 2021 that they coded again under the
codebook of 2026 (example/bridge_2026.jsonl says where that differs from 2021). The same bytes
every time. Ledgers that exist already are people's work: the script then writes nothing, unless
told `--rebuild-annotations`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from example.bridge import bridge
from example.files import qualtrics_csv, questionnaire, table
from example.next_wave import build_next, told
from example.texts import TEAM_2026, audits, ledger, load_texts
from make_example import ROOT, to_json

from opentekst.store import Paths, jsonl, write_all
from opentekst.study import Study
from opentekst.survey import read_survey

WAVE = "data/golf_2026"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the export and the ledgers; return 1, with nothing written, where ledgers exist."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rebuild-annotations", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT, help="study folder to write into")
    given = parser.parse_args(arguments)

    before, study = Study.open(ROOT), Study.open(ROOT / WAVE)
    paths = Paths(given.out / WAVE)
    present = [q.id for q in study.open_questions if paths.ledger(q.id).exists()]
    if present and not given.rebuild_annotations:
        print(
            f"{paths.ledger(present[0])} bestaat al: dat is werk van mensen. Niets geschreven;"
            " gebruik --rebuild-annotations om opnieuw te beginnen.",
            file=sys.stderr,
        )
        return 1
    folder = Path(__file__).parent / "example"
    texts = load_texts(folder, "_2026", TEAM_2026)
    earlier = read_survey(before)
    people, authors = build_next(study, before, earlier.responses, texts)
    codings = ledger(study, texts, authors, study.file.seed, TEAM_2026)
    samples = audits(study, texts, authors, study.file.seed)
    rows = table(people, columns := questionnaire(study))
    write_all(
        {given.out / "data" / "raw" / "bevraging_2026.csv": qualtrics_csv(rows, columns)}
        | {paths.ledger(question): jsonl(lines) for question, lines in codings.items()}
        | {
            paths.ledger(question).with_name("audit.json"): to_json(sample.to_json())
            for question, sample in samples.items()
        }
        | bridge(before, study, earlier.answers, folder, paths)
    )
    print(f"{told(people)}; {len(texts)} open antwoorden")
    return 0


if __name__ == "__main__":
    sys.exit(main())
