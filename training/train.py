"""Train opentekst_nl from the treebanks, measure it and put it where the package ships it.

`python training/train.py [--treebanks ../shared/data/ud_nl]` repeats everything: the parts,
the word list, the training, scores.md, the model directory and its hash.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lexicon_build import build
from opentekst.language.lemmatizer import FACTORY
from opentekst.language.lexicon import put_lexicon
from opentekst.language.person_component import NAME as PERSONS
from opentekst.language.shipped import register
from opentekst.language.word_vectors import put_vectors
from parts import parts
from report import finish
from running_text import reader, whole_documents
from vectors_build import build_vectors

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example

    Reader = Callable[[Language], Iterator[Example]]

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "src" / "opentekst" / "language" / "opentekst_nl"


def register_readers() -> None:
    """Make what config.cfg names known to spaCy."""
    from spacy.util import registry

    def training_part(treebanks: str, seed: int) -> Reader:
        return reader(parts(Path(treebanks)).training, seed)

    def stopping_part(treebanks: str) -> Reader:
        return whole_documents(parts(Path(treebanks)).stopping)

    def with_lexicon(treebanks: str) -> Callable[[Language], Language]:
        def put(nlp: Language) -> Language:
            put_lexicon(nlp.vocab, build(parts(Path(treebanks)).training))
            put_vectors(nlp.vocab, build_vectors())
            return nlp

        return put

    registry.readers.register("opentekst.training_part.v1", func=training_part)
    registry.readers.register("opentekst.stopping_part.v1", func=stopping_part)
    registry.callbacks.register("opentekst.put_lexicon.v1", func=with_lexicon)


def train(treebanks: Path, work: Path, overrides: dict[str, Any]) -> Language:
    """Train as config.cfg says and return the best pipeline, lemmatizer included."""
    import spacy
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as spacy_train
    from spacy.util import load_config

    register()
    register_readers()
    config = load_config(
        HERE / "config.cfg", overrides={"paths.treebanks": str(treebanks), **overrides}
    )
    nlp = init_nlp(config)
    spacy_train(nlp, work, stdout=sys.stdout, stderr=sys.stderr)
    best = spacy.load(work / "model-best")
    best.remove_pipe("senter")  # a task to learn by; the parser cuts sentences as well alone
    best.add_pipe(FACTORY)
    best.add_pipe(PERSONS)
    return best


def main() -> None:
    """Read the options and do all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--treebanks", type=Path, default=HERE.parent.parent / "shared" / "data" / "ud_nl"
    )
    parser.add_argument("--work", type=Path, default=HERE.parent / "data" / "work" / "training")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    parser.add_argument("--max-steps", type=int, default=0, help="stop earlier than config.cfg")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    overrides = {"training.max_steps": options.max_steps} if options.max_steps else {}
    nlp = train(options.treebanks.resolve(), options.work, overrides)
    finish(nlp, options.treebanks, options.output, HERE)


if __name__ == "__main__":
    main()
