"""Arithmetic on printed percentages: which bases are possible, and what cannot be right."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from opentekst.model import Cell, Table, percentage
from opentekst.results.compare import Printed, compare, possible_bases


@given(st.integers(1, 400), st.integers(1, 400))
def test_the_true_base_is_always_among_the_possible_ones(n: int, base: int) -> None:
    assume(n <= base)
    bases = possible_bases(n, percentage(n, base))
    assert base in bases
    assert all(percentage(n, b) == percentage(n, base) for b in bases)
    assert bases[0] == n or percentage(n, bases[0] - 1) != percentage(n, base)


@given(st.integers(0, 500), st.integers(1, 500))
def test_percentages_are_rounded_half_up(n: int, base: int) -> None:
    assert percentage(n, base) == Decimal((2000 * n + base) // (2 * base)) / 10


def test_table_2_says_233_and_means_213() -> None:
    assert list(possible_bases(62, Decimal("29.1"))) == [213]


def one(n: int, base: int, percent: str, n_printed: int | None = None) -> str:
    table = Table("1", "t", "h", ("g",), (Cell("g", "a", n, base), Cell("g", "b", 10, 20)))
    printed = [
        Printed("1", "g", "a", None, n if n_printed is None else n_printed, Decimal(percent)),
        Printed("1", "g", "b", None, 10, Decimal("50.0")),
    ]
    return " | ".join(f"{d.known}: {d.reason}" for d in compare([table], printed))


def test_an_equal_cell_is_no_difference() -> None:
    assert one(5, 20, "25.0") == ""


def test_a_percentage_that_no_base_gives_lies_with_the_print() -> None:
    assert one(159, 213, "74.4").startswith("True: geen enkele basis geeft 74,4%")


def test_a_different_count_is_never_explained_away() -> None:
    assert one(5, 20, "25.0", n_printed=6).startswith("False: het aantal is anders")


def test_a_row_that_was_not_computed_is_reported() -> None:
    missing = compare([], [Printed("1", "g", "a", None, 1, Decimal("5.0"))])
    assert [(d.known, d.reason) for d in missing] == [(False, "deze rij is niet berekend")]
