"""Order processing: price and fulfil many orders at the same time."""

import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.task_runners import ThreadPoolTaskRunner

from core.folders import data_file, output_file
from core.tasks import read_csv, write_report

TAX = {"north": Decimal("0.19"), "south": Decimal("0.20"), "west": Decimal("0.21")}
DISCOUNT = {"low": Decimal("0"), "normal": Decimal("0.02"), "high": Decimal("0.05")}
CENT = Decimal("0.01")


@task
def price(order: dict[str, str]) -> dict[str, Any]:
    """Compute an order's total: discount by priority, tax by region."""
    net = int(order["quantity"]) * Decimal(order["unit_price"]) * (1 - DISCOUNT[order["priority"]])
    total = (net * (1 + TAX[order["region"]])).quantize(CENT, ROUND_HALF_UP)
    return {**order, "total": str(total)}


@task(retries=2, retry_delay_seconds=1)
def check_stock(order: dict[str, Any], stock: int, delay: float) -> dict[str, Any]:
    """Ask the warehouse whether it has the goods; the delay stands for its answering time."""
    time.sleep(delay)
    return {**order, "in_stock": int(order["quantity"]) <= stock}


@task
def fulfil(order: dict[str, Any]) -> dict[str, Any]:
    """Decide what happens to an order."""
    status = "shipped" if order["in_stock"] else "backordered"
    get_run_logger().info("order %s: %s, %s", order["order_id"], order["total"], status)
    return {**order, "status": status}


@flow(name="rpa3", task_runner=ThreadPoolTaskRunner(max_workers=4))
def rpa3_workflow(input_file: str = "orders.csv", stock: int = 50, delay: float = 0.1) -> dict[str, Any]:
    """Process all orders of a CSV file concurrently and write a report.

    Args:
        input_file: The file in the flow's data folder.
        stock: How many pieces the warehouse has of each product.
        delay: The warehouse's answering time in seconds.
    """
    orders = read_csv(data_file(__file__, input_file))
    priced = price.map(orders)
    checked = check_stock.map(priced, stock=stock, delay=delay)
    done = fulfil.map(checked).result()
    report = {
        "orders": len(done),
        "shipped": sum(order["status"] == "shipped" for order in done),
        "total": str(sum((Decimal(order["total"]) for order in done), Decimal())),
        "details": done,
    }
    write_report(output_file(__file__, "orders_report.json"), report)
    return report


if __name__ == "__main__":
    rpa3_workflow()
