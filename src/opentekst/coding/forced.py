"""Rules that people set above the model: a code that must, or must not, be given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opentekst import checked_yaml
from opentekst.checked_yaml import Strict
from opentekst.codebook import Code, Codebook
from opentekst.coding.rules import Cut, KeywordRules
from opentekst.errors import CodebookError
from opentekst.model import Normalised, Span


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `when` (a keyword, with `*`) stands in an answer, `code` must or must not be given.

    `reason` is shown with the answer. Where two rules disagree, `forbid` wins.
    """

    code: str
    when: str
    effect: Literal["force", "forbid"]
    reason: str


class Rules:
    """The rules on one codebook's codes."""

    def __init__(self, rules: Sequence[Rule], codes: Collection[str], cut: Cut) -> None:
        """Raises CodebookError for a rule on a code that is not in `codes`."""
        for rule in rules:
            if rule.code not in codes:
                raise CodebookError(
                    "een regel gaat over een code die niet bestaat of vervallen is",
                    found=rule.code,
                    remedy="Verbeter de code in codebooks/regels.yaml, of verwijder de regel.",
                )
        self.rules = tuple(rules)
        patterns = [Code(str(i), "", keywords=(rule.when,)) for i, rule in enumerate(rules)]
        self._matcher = KeywordRules(Codebook("regels", 1, "", tuple(patterns)), cut)

    def found(self, item: Normalised) -> list[tuple[Rule, Span]]:
        """Return the rules that speak in an answer, and where; `forbid` last."""
        if not self.rules:
            return []
        pairs = [(self.rules[int(span.code)], span) for span in self._matcher.find(item)]
        return sorted(pairs, key=lambda pair: (pair[0].effect == "forbid", pair[1]))


class _RuleEntry(Strict):
    codebook: str
    code: str
    when: str
    effect: Literal["force", "forbid"]
    reason: str


class _RulesFile(Strict):
    rules: tuple[_RuleEntry, ...] = ()


def load_rules(
    path: Path, codebooks: Mapping[str, Codebook], today: Callable[[str, str], Sequence[str]]
) -> dict[str, list[Rule]]:
    """Read codebooks/regels.yaml: the rules of each codebook; none where there is no file.

    `today` says, of a codebook's id and a code that it had, which codes that is today. A rule
    on a retired code says nothing. Raises CodebookError, with file and line, for bad YAML, an
    unknown field or codebook, a code that never was, and one to be forced that was split.
    """
    if not path.exists():
        return {}
    data = checked_yaml.load(path, CodebookError, "het bestand met regels")
    entries = checked_yaml.check(_RulesFile, data or {}, path, CodebookError).rules
    found: dict[str, list[Rule]] = {}
    for number, entry in enumerate(entries):
        book = codebooks.get(entry.codebook)
        codes = today(entry.codebook, entry.code) if book else ()
        if book is None or not codes or (entry.effect == "force" and len(codes) > 1):
            raise CodebookError(
                "een regel gaat over een code die niet bestaat of gesplitst is",
                place=f"{path}:{checked_yaml.line_of(data, ('rules', number))}",
                found=f"{entry.codebook}: {entry.code}",
                remedy="Verbeter het codeboek of de code, of verwijder de regel.",
            )
        active = {code.id for code in book.active}
        found.setdefault(entry.codebook, []).extend(
            Rule(code, entry.when, entry.effect, entry.reason) for code in codes if code in active
        )
    return found
