"""Room 2, normalise: cleaned text, lemmas, segments, flags and embeddings."""

from opentekst.language.abbreviations import Abbreviations
from opentekst.language.embeddings import embed, embedder, embedder_version
from opentekst.language.normalise import Lexicon, normalise_answers
from opentekst.language.pipelines import PipelineId, keyword_tokens, resolve, try_download
from opentekst.language.pseudonyms import Hit, Masked, Pseudonyms, mask

__all__ = [
    "Abbreviations",
    "Hit",
    "Lexicon",
    "Masked",
    "PipelineId",
    "Pseudonyms",
    "embed",
    "embedder",
    "embedder_version",
    "keyword_tokens",
    "mask",
    "normalise_answers",
    "resolve",
    "try_download",
]
