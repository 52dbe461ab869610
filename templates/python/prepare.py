"""Bring the database of a Prefect server up to date, and register Prefect's own blocks in it.

Several API processes on one database must not do this themselves: two that start at once on an empty one stop with an error. This
may be run by any number of processes at the same time; the later ones wait for the first.
"""

import asyncio

from prefect.server.database import provide_database_interface
from prefect.server.models.block_registration import run_block_auto_registration
from sqlalchemy import text

LOCK = 0x666C6F77  # any number that all of these processes agree on


async def main() -> None:
    database = provide_database_interface()
    engine = await database.engine()
    # Without a transaction: migrations build indexes concurrently, which waits for every transaction to end.
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as holder:
        # Asked again and again: the engine cuts off a query that waits longer than ten seconds.
        while not await holder.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            await asyncio.sleep(1)
        await database.create_db()
        async with database.session_context() as session:
            await run_block_auto_registration(session=session)


if __name__ == "__main__":
    asyncio.run(main())
