"""What several tests share: the example study after a run, and a real Label Studio."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from opentekst.pipeline import STAGES, Engine
from opentekst.review.server import LocalServer
from opentekst.study import Study

ROOT = Path(__file__).parents[1]

# The first example of a property may load a language model: no deadlines.
settings.register_profile("opentekst", deadline=None, derandomize=True)
settings.load_profile("opentekst")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what needs the example: one process makes it while the other tests the rest."""
    items.sort(key=lambda item: "example" not in getattr(item, "fixturenames", ()))


def copy_example(target: Path) -> Path:
    """Copy the example study: what the researcher has, nothing that was computed."""
    computed = shutil.ignore_patterns("work", "results", "run.lock.json")
    for name in ("data/raw", "data/rapport", "data/golf_2026", "codebooks", "annotations"):
        shutil.copytree(ROOT / name, target / name, ignore=computed)
    shutil.copy(ROOT / "study.yaml", target)
    return target


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The example study after `opentekst run`: for reading only."""
    root = tmp_path_factory.mktemp("example")
    if worker_id == "master":
        Engine(Study.open(copy_example(root)), STAGES).run()
        return root
    # Several processes test at once: the first makes it, the others copy.
    made = tmp_path_factory.getbasetemp().parent / "example"
    with FileLock(f"{made}.lock"):
        if not made.exists():
            Engine(Study.open(copy_example(root)), STAGES).run()
            root.rename(made)
    return Path(shutil.copytree(made, root, dirs_exist_ok=True))


@pytest.fixture
def study(example: Path, tmp_path: Path) -> Path:
    """A copy of the example after a run, to change at will."""
    return Path(shutil.copytree(example, tmp_path / "study"))


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A real Label Studio on 127.0.0.1; starting it takes up to a minute."""
    with LocalServer(tmp_path_factory.mktemp("label-studio")) as server:
        yield server
