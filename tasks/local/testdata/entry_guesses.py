"""Has a hundred guess a code at one time, and then one come with the right one, while the first guesses are still held back."""

import asyncio
import collections
import hashlib
import json
import os
import sys

import flowmage_entry

home = sys.argv[1]
codes = os.path.join(home, "run", "codes")
os.makedirs(codes, exist_ok=True)
RIGHT = "r" * 43
with open(os.path.join(codes, hashlib.sha256(RIGHT.encode()).hexdigest()), "w") as file:
    file.write("1500")
HEADERS = {"host": "127.0.0.1:4200", "origin": "http://127.0.0.1:4200", "content-type": "application/json"}


async def main():
    held, step = asyncio.Event(), asyncio.sleep

    async def sleep(_):
        await held.wait()

    flowmage_entry.asyncio.sleep = sleep
    entry = flowmage_entry.Entry(None, home, clock=lambda: 1000.0)
    got = collections.Counter()

    async def come(code):
        scope = {"type": "http", "method": "POST", "path": "/flowmage/open", "headers": [(k.encode(), v.encode()) for k, v in HEADERS.items()]}

        async def receive():
            return {"type": "http.request", "body": json.dumps({"code": code}).encode()}

        async def send(message):
            if message["type"] == "http.response.start":
                got[message["status"]] += 1

        await entry(scope, receive, send)

    guesses = [asyncio.ensure_future(come(f"{i:043}")) for i in range(100)]
    for _ in range(1000):  # until all of them wait or are gone
        await step(0)
    await come(RIGHT)
    held.set()
    await asyncio.gather(*guesses)
    print(json.dumps(got))


asyncio.run(main())
