"""Earlier work kept in data/work, so that a second run takes seconds: a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_SCHEMA = "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
WAIT_SECONDS = 30


class Cache:
    """Text by key, in the file `path`; a damaged file is made anew.

    Two processes may use one file. It never stands in the way: where the disk refuses,
    nothing is kept and nothing raised.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return what is known of the keys."""
        found: dict[str, str] = {}
        with self._open() as connection:
            if connection is None:
                return {}
            for key in keys:
                row = connection.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = row[0]
        return found

    def put(self, items: Mapping[str, str]) -> None:
        """Keep these; a key that is there already keeps its value."""
        with self._open() as connection:
            if connection is not None:
                connection.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?)", items.items())

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection, in a transaction; None where there is no way to have one."""
        connection = self._connect()
        try:
            yield connection
            if connection is not None:
                connection.commit()
        except sqlite3.OperationalError:
            pass
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)
        finally:
            if connection is not None:
                connection.close()

    def _connect(self) -> sqlite3.Connection | None:
        for _attempt in range(2):
            connection = None
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS)
                connection.execute(_SCHEMA)
                connection.execute("SELECT key FROM kept LIMIT 1").fetchall()
                return connection
            except (sqlite3.OperationalError, OSError):
                if connection is not None:
                    connection.close()
                return None
            except sqlite3.DatabaseError:
                if connection is not None:
                    connection.close()
                self.path.unlink(missing_ok=True)
        return None
