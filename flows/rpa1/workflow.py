"""Sales report: read a CSV of sales, total it by product and region, write a JSON report."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from prefect import flow, get_run_logger, task

from core.folders import data_file, output_file
from core.tasks import read_csv, write_report


@task
def transform(rows: list[dict[str, str]], batch_size: int) -> list[dict[str, Any]]:
    """Turn texts into numbers and add each sale's revenue, a batch at a time."""
    logger = get_run_logger()
    sales: list[dict[str, Any]] = []
    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        for row in batch:
            quantity, price = int(row["quantity"]), Decimal(row["unit_price"])
            sales.append({**row, "quantity": quantity, "unit_price": price, "revenue": quantity * price})
        logger.info("transformed %d of %d sales", start + len(batch), len(rows))
    return sales


def totals(sales: list[dict[str, Any]], key: str) -> dict[str, str]:
    """Sum the revenue by the values of one column."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sales:
        sums[sale[key]] += sale["revenue"]
    return {name: str(total) for name, total in sorted(sums.items())}


@task
def summarize(sales: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    """Summarize the sales for the report."""
    return {
        "currency": currency,
        "sales": len(sales),
        "revenue": str(sum((sale["revenue"] for sale in sales), Decimal())),
        "by_product": totals(sales, "product"),
        "by_region": totals(sales, "region"),
    }


@flow(name="rpa1")
def rpa1_workflow(input_file: str = "sales.csv", batch_size: int = 25, currency: str = "EUR", region: str | None = None) -> dict[str, Any]:
    """Total the sales of a CSV file and write a JSON report.

    Args:
        input_file: The file in the flow's data folder.
        batch_size: How many sales are transformed at a time.
        currency: The currency that the report names.
        region: Only sales of this region; all when left out.
    """
    rows = read_csv(data_file(__file__, input_file))
    if region is not None:
        rows = [row for row in rows if row["region"] == region]
    report = summarize(transform(rows, batch_size), currency)
    write_report(output_file(__file__, "sales_report.json"), report)
    return report


if __name__ == "__main__":
    rpa1_workflow()
