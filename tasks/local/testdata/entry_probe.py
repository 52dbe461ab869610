"""Asks entry.py what the test says, one request after the other, in front of an app that knows four files."""

import asyncio
import hashlib
import json
import os
import sys

import flowmage_entry

home = sys.argv[1]
codes = os.path.join(home, "run", "codes")
os.makedirs(codes, exist_ok=True)
PAGE = b'<html><HEAD lang="en"><title>UI</title></HEAD><body><header></header></body></html>'


def lay(code, until):
    """Lays a code there, and gives its file."""
    path = os.path.join(codes, hashlib.sha256(code.encode()).hexdigest())
    if code:
        with open(path, "w") as file:
            file.write(f"{until}\n")
    return path


class App:
    """The server's own app; it remembers the headers that it was asked with."""

    def __init__(self):
        self.passed = None

    async def __call__(self, scope, receive, send):
        self.passed = {k.decode(): v.decode() for k, v in scope["headers"]}
        kind = b"text/javascript" if scope["path"] == "/asset.js" else b"application/json" if scope["path"].startswith("/api/") else b"text/html; charset=utf-8"
        headers = [(b"content-type", kind), (b"content-length", str(len(PAGE)).encode()), (b"etag", b'"e"'), (b"last-modified", b"yesterday")]
        if scope["path"] == "/gzip":
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 404 if scope["path"] == "/missing" else 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else PAGE
        await send({"type": "http.response.body", "body": body[:10], "more_body": True})
        await send({"type": "http.response.body", "body": body[10:]})


async def ask(request, entry, pauses):
    path = lay(request["code"], request["until"])
    app, sent = entry.app, []
    app.passed = None
    pauses.clear()
    scope = {
        "type": "http", "method": request["method"], "path": request["path"], "raw_path": request["path"].encode(), "query_string": b"q=1",
        "headers": [(k.encode(), v.encode()) for k, v in (request["headers"] or {}).items()], "extensions": {"http.response.pathsend": {}},
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": request["body"].encode(), "more_body": False}

    async def send(message):
        sent.append(message)

    await entry(scope, receive, send)
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return {
        "status": sent[0]["status"], "headers": {k.decode(): v.decode() for k, v in sent[0]["headers"]}, "body": body.decode(),
        "passed": app.passed, "taken": not os.path.exists(path), "paused": sum(pauses),
    }  # fmt: skip


async def main():
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    flowmage_entry.asyncio.sleep = sleep
    entry = flowmage_entry.Entry(App(), home, clock=lambda: 1000.0)
    print(json.dumps({name: await ask(request, entry, pauses) for name, request in json.load(sys.stdin).items()}))


asyncio.run(main())
