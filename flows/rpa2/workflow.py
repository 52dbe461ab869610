"""User check: validate user records and report which ones are wrong, and why."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from prefect import flow, get_run_logger, task

from core.folders import data_file, output_file
from core.tasks import read_json, write_report


def problems(user: dict[str, Any], seen: set[int]) -> list[str]:
    """Return what is wrong with a user record; ``seen`` holds the ids of the records before it."""
    found: list[str] = []
    identity = user.get("id")
    if not isinstance(identity, int) or identity < 1:
        found.append("id must be a positive whole number")
    elif identity in seen:
        found.append(f"id {identity} is taken already")
    else:
        seen.add(identity)
    if not str(user.get("name") or "").strip():
        found.append("name is missing")
    try:
        validate_email(str(user.get("email") or ""), check_deliverability=False)
    except EmailNotValidError as error:
        found.append(f"email: {error}")
    return found


@task
def validate(users: list[dict[str, Any]]) -> dict[str, Any]:
    """Validate all records and collect the invalid ones with their problems."""
    seen: set[int] = set()
    invalid = []
    for index, user in enumerate(users):
        if found := problems(user, seen):
            invalid.append({"index": index, "problems": found})
    get_run_logger().info("%d of %d records are valid", len(users) - len(invalid), len(users))
    return {"records": len(users), "valid": len(users) - len(invalid), "invalid": invalid}


@flow(name="rpa2")
def rpa2_workflow(input_file: str = "users.json", max_invalid: int | None = None) -> dict[str, Any]:
    """Validate user records and write a report.

    Args:
        input_file: The file in the flow's data folder.
        max_invalid: Fail when more records than this are invalid; any number is fine when left out.

    Raises:
        ValueError: If too many records are invalid. The report is written all the same.
    """
    report = validate(read_json(data_file(__file__, input_file)))
    write_report(output_file(__file__, "validation_report.json"), report)
    if max_invalid is not None and len(report["invalid"]) > max_invalid:
        raise ValueError(f"{len(report['invalid'])} invalid records, {max_invalid} are allowed")
    return report


if __name__ == "__main__":
    rpa2_workflow()
