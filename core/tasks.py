"""Tasks that several flows use."""

import csv
import json
import os
from pathlib import Path
from typing import Any

from prefect import get_run_logger, task


@task
def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a header line into one mapping per row."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    get_run_logger().info("read %d rows from %s", len(rows), path.name)
    return rows


@task
def read_json(path: Path) -> Any:
    """Read a JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    get_run_logger().info("read %s", path.name)
    return content


@task
def write_report(path: Path, report: dict[str, Any]) -> Path:
    """Write a report as JSON, whole or not at all: readers never see half a file."""
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(draft, path)
    get_run_logger().info("wrote %s", path)
    return path
