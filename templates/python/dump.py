"""Write the schema of a fresh Prefect database as SQL: dump.py DATABASE FOLDER."""

import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path

# The only table that may hold a row: everything else would be a machine's own data.
REVISION = "alembic_version"


def main(database: str, folder: str) -> None:
    connection = sqlite3.connect(database)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filled = [name for name in tables if connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()]
    if filled != [REVISION]:
        sys.exit(f"expected rows in {REVISION} alone, found some in: {', '.join(filled) or 'none'}")
    target = Path(folder) / f"prefect-{version('prefect')}.sql"
    target.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(tables)} tables, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
