"""Make the two word lists that ship with the language room.

`python training/make_words.py` writes, into src/opentekst/language/data:

- `words_nl.txt.gz`: some 100,000 Dutch word forms, lower case. A line holds the words of one
  class: the class, a tab, and the words with spaces between. The class is `N` (a noun), `L`
  (another word of the lexicon) or `U` (in use, in no lexicon: names, abbreviations, slips),
  and the frequency: the Zipf value (log10 of occurrences in a billion words) times two,
  rounded down.
- `words_foreign.txt.gz`: per language the frequent words that are no Dutch ones: the
  language code, a tab, and the words; the `COMMON` most frequent ones under the code with `!`.

Sources: wordfreq 3.1 (Robyn Speer, CC BY-SA 4.0) for words and frequencies; the tables of
spacy-lookups-data 1.0 (Explosion, MIT), spaCy's stop words (MIT) and simplemma 2.0 (Adrien
Barbaresi, MIT) for what is a word and what a noun. wordfreq and the tables are needed here
only, never when opentekst runs.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import simplemma
from spacy.lang.nl.stop_words import STOP_WORDS
from wordfreq import iter_wordlist, zipf_frequency

OUT = Path(__file__).parents[1] / "src" / "opentekst" / "language" / "data"
MOST = 100_000
FOREIGN = {"fr": 3000, "en": 3000, "de": 3000, "es": 1500, "it": 1500, "pt": 1500, "tr": 1500,
           "pl": 1500, "ro": 1500}  # fmt: skip
COMMON = 300
# In a multilingual web corpus, every language's function words show up in Dutch text; a word
# this many times more frequent elsewhere (in powers of ten) is a guest.
GUEST = 1.0
_ADVERB = re.compile(
    r"(?:er|daar|hier|waar)(?:aan|achter|bij|binnen|boven|buiten|door|heen|in|langs|mee|na|naar"
    r"|naartoe|naast|om|omheen|onder|op|over|rond|tegen|toe|toen|tussen|uit|van|vandaan|voor)"
)
_WORD = re.compile(r"[a-zà-öø-ÿ]+(?:['-][a-zà-öø-ÿ]+)*")


def lexicon() -> tuple[frozenset[str], frozenset[str]]:
    """Return the forms of spacy-lookups-data, and the lemmas among them that are nouns."""
    index: dict[str, list[str]] = _table("nl_lemma_index")
    lookup: dict[str, str] = _table("nl_lemma_lookup")
    exceptions: dict[str, dict[str, list[str]]] = _table("nl_lemma_exc")
    known = set(lookup) | set(lookup.values())
    for lemmas in index.values():
        known |= set(lemmas)
    for forms in exceptions.values():
        known |= set(forms)
    known |= STOP_WORDS
    nouns = set(index["noun"]) - set(index["adp"]) - set(index["det"]) - STOP_WORDS
    return frozenset(known), frozenset(nouns)


def _table(name: str) -> Any:
    path = files("spacy_lookups_data").joinpath("data", f"{name}.json.gz")
    return json.loads(gzip.decompress(path.read_bytes()))


def dutch(known: frozenset[str], nouns: frozenset[str]) -> dict[str, list[str]]:
    """Return class -> words, most frequent words first until there are enough."""
    by_class: dict[str, list[str]] = defaultdict(list)
    taken = 0
    for word in iter_wordlist("nl", "large"):
        if taken == MOST:
            break
        if not _WORD.fullmatch(word) or (word not in known and is_guest(word)):
            continue
        kind = kind_of(word, known, nouns)
        by_class[f"{kind}{int(zipf_frequency(word, 'nl') * 2)}"].append(word)
        taken += 1
    return by_class


def kind_of(word: str, known: frozenset[str], nouns: frozenset[str]) -> str:
    """Return N for a noun in any form, L for another word of the lexicon, else U."""
    if word in nouns or (simplemma.is_known(word, "nl") and _lemma(word) in nouns):
        return "N"
    known_here = word in known or simplemma.is_known(word, "nl") or _ADVERB.fullmatch(word)
    return "L" if known_here else "U"


def _lemma(word: str) -> str:
    return str(simplemma.lemmatize(word, "nl"))


def is_guest(word: str) -> bool:
    """Tell whether a word belongs to another language rather than to Dutch."""
    here = zipf_frequency(word, "nl")
    return any(zipf_frequency(word, language) - here > GUEST for language in FOREIGN)


def foreign(known: frozenset[str]) -> dict[str, list[str]]:
    """Return language -> its frequent words that are much rarer in Dutch."""
    found: dict[str, list[str]] = {}
    for language, most in FOREIGN.items():
        words: list[str] = []
        for word in iter_wordlist(language, "best"):
            if len(words) == most:
                break
            here, there = zipf_frequency(word, "nl"), zipf_frequency(word, language)
            apart = 1.5 if word in known or here > 4.5 else GUEST
            if there - here > apart and word.replace("'", "").isalpha():
                words.append(word)
        found[f"{language}!"] = words[:COMMON]
        found[language] = words[COMMON:]
    return found


def write(path: Path, lines: dict[str, list[str]]) -> None:
    """Write the lists, sorted and without a time stamp: the same input, the same bytes."""
    text = "".join(f"{key}\t{' '.join(sorted(words))}\n" for key, words in sorted(lines.items()))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{path.name}: {sum(map(len, lines.values())):,} words, {path.stat().st_size:,} bytes")


def main() -> None:
    """Make both lists."""
    OUT.mkdir(parents=True, exist_ok=True)
    known, nouns = lexicon()
    write(OUT / "words_nl.txt.gz", dutch(known, nouns))
    write(OUT / "words_foreign.txt.gz", foreign(known))


if __name__ == "__main__":
    main()
