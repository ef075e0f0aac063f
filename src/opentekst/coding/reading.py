"""From plain texts to normalised answers, for who codes without a study around."""

from __future__ import annotations

from collections.abc import Sequence

from opentekst.codebook import Codebook
from opentekst.coding.rules import Cut
from opentekst.coding.words import Embed
from opentekst.errors import CodebookError
from opentekst.model import Answer, Normalised

Texts = Sequence[str] | Sequence[Normalised]


def normalised(
    texts: Texts, codebook: Codebook | None, prompt: str, pipeline: str
) -> list[Normalised]:
    """Return texts as normalised answers, in their order; what is normalised stays.

    Raises CodebookError for what is no text.
    """
    from opentekst.language import Lexicon, normalise_answers, resolve

    if isinstance(texts, str):
        raise CodebookError(
            "er is één tekst gegeven waar een lijst van teksten hoort",
            remedy="Zet er vierkante haken om: [tekst].",
        )
    plain = [text for text in texts if isinstance(text, str)]
    ready = [item for item in texts if isinstance(item, Normalised)]
    if len(ready) == len(texts):
        return ready
    if len(plain) != len(texts):
        row = next(i for i, text in enumerate(texts) if not isinstance(text, str))
        raise CodebookError(
            "een antwoord is geen tekst",
            place=f"rij {row + 1}",
            found=type(texts[row]).__name__,
            remedy="Geef teksten; maak van een leeg antwoord een lege tekst.",
        )
    answers = [Answer(str(i), str(i), "", "q", text) for i, text in enumerate(plain)]
    words = [w for c in (codebook.active if codebook else ()) for w in (*c.keywords, c.label)]
    return normalise_answers(
        answers, {"q": prompt}, resolve(pipeline), lexicon=Lexicon(tuple(words))
    )


def embedder_named(name: str | Embed) -> Embed:
    """Return the embedder of this name; see `opentekst.language.embedder`."""
    from opentekst.language import embedder

    return embedder(name) if isinstance(name, str) else name


def cutter(pipeline: str) -> Cut:
    """Return what cuts a keyword into words, as the pipeline would."""
    from opentekst.language import keyword_tokens, resolve

    return keyword_tokens(resolve(pipeline).name)
