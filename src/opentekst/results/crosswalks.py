"""Codes of an older version of a codebook beside those of the newer one.

Three readings of the same answer, all in the codes of the newer version: what it held under the
old codebook (`as_then`), what that is by the crosswalk alone (`carried`), and what it is once
somebody has said which part of a split code, and which new code, applies (`completed`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from opentekst.codebook import Codebook
from opentekst.codebook.applying import Fates


@dataclass(frozen=True)
class Crosswalk:
    """Two versions of a codebook and where the codes of the older went (`Chain.between`)."""

    then: Codebook
    now: Codebook
    fates: Fates

    def became(self, code: str) -> tuple[str, ...]:
        """Return what an older code became, or may be; nothing where it is gone."""
        return tuple(
            one for one in self.fates.get(code, (code,)) if one in self._active or one == code
        )

    @cached_property
    def _active(self) -> frozenset[str]:
        return frozenset(code.id for code in self.now.active)

    @cached_property
    def tied(self) -> frozenset[str]:
        """The codes of now that at least one code of then became, whole."""
        whole = {b[0] for c in self.then.by_id if len(b := self.became(c)) == 1}
        return frozenset(whole & self._active)

    @cached_property
    def fresh(self) -> frozenset[str]:
        """The codes of now that come from no code of then, in whole or in part."""
        reached = {one for code in self.then.by_id for one in self.became(code)}
        return self._active - reached

    @cached_property
    def lost(self) -> tuple[str, ...]:
        """The codes of then that are no code of now: split, or gone."""
        return tuple(
            code.id
            for code in self.then.active
            if len(b := self.became(code.id)) != 1 or b[0] not in self._active
        )

    def as_then(self, codes: Collection[str]) -> frozenset[str]:
        """Return codes of then as they counted then; one that is lost keeps its own id."""
        found = set()
        for code in self.then.net(codes & self.then.by_id.keys()):
            became = self.became(code)
            found.add(became[0] if len(became) == 1 else code)
        return frozenset(found)

    def carried(self, codes: Collection[str]) -> frozenset[str]:
        """Return codes of then as codes of now, with their parents.

        Of a code that was split only what all its parts lie under is known; of one that is gone,
        nothing.
        """
        found: set[str] = set()
        for code in codes:
            became = self.became(code)
            if len(became) == 1:
                found.add(became[0])
            elif became:
                found |= set.intersection(*(set(self.now.ancestors(one)) for one in became))
        return self.now.net(found & self._active)

    def completed(self, codes: Collection[str], recoded: Collection[str]) -> frozenset[str]:
        """Return `carried`, and of `recoded` (codes of now) what the old codebook had no room for.

        That is: parts of a code that was split, where the old coder had given that code, and
        codes that are new.
        """
        room = {one for code in codes for one in self.became(code) if len(self.became(code)) > 1}
        return self.carried(codes) | self.now.net(set(recoded) & (room | self.fresh))


def same(book: Codebook) -> Crosswalk:
    """Return the crosswalk of a codebook with itself."""
    return Crosswalk(book, book, {})
