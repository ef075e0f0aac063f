"""Room 2, normalise: cleaned text, lemmas, segments, flags and embeddings."""

from opentekst.language.embeddings import embed
from opentekst.language.normalise import normalise_answers
from opentekst.language.pipelines import PipelineId, keyword_tokens, resolve, try_download

__all__ = [
    "PipelineId",
    "embed",
    "keyword_tokens",
    "normalise_answers",
    "resolve",
    "try_download",
]
