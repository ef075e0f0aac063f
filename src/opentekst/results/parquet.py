"""All cells of all tables as one Parquet file, for R, Python and databases."""

from __future__ import annotations

import io
from collections.abc import Sequence

from opentekst.model import Table


def to_parquet(tables: Sequence[Table]) -> bytes:
    """Return the cells with the columns of `tabellen.csv`, typed and word for word.

    `basis` and `n` are whole numbers, `procent` a decimal with one digit; all three are
    empty where a category was not asked. The same tables give the same bytes.
    """
    import pyarrow as pa
    from pyarrow import parquet

    cells = [(table, cell) for table in tables for cell in table.cells]
    columns = {
        "tabel": ([t.number for t, _ in cells], pa.string()),
        "titel": ([t.title for t, _ in cells], pa.string()),
        "groep": ([c.group for _, c in cells], pa.string()),
        "basis": ([None if c.n is None else c.base for _, c in cells], pa.int64()),
        "categorie": ([c.category for _, c in cells], pa.string()),
        "n": ([c.n for _, c in cells], pa.int64()),
        "procent": ([c.percent for _, c in cells], pa.decimal128(6, 1)),
    }
    out = io.BytesIO()
    arrays = {name: pa.array(values, kind) for name, (values, kind) in columns.items()}
    parquet.write_table(pa.table(arrays), out)  # type: ignore[no-untyped-call]
    return out.getvalue()
