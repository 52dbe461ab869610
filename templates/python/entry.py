"""The way into the UI. The owner's command makes a code that works once, the page /flowmage/open exchanges it for the password that the
UI looks for in the browser, and a script in the UI's own pages leads to that page where the browser has none yet, or an old one.

Whoever runs this stands a guard in front of it, which checks Host and Origin. What hands out the password checks them again."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import time

LIFETIME = 600  # seconds, as tasks/local/entry.go gives them
CODE = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
LOOPBACK = re.compile(r"127\.0\.0\.1(:\d{1,5})?")
LOCALHOST = re.compile(r"localhost(:\d{1,5})?", re.IGNORECASE)
HEAD = re.compile(rb"<head(\s[^>]*)?>", re.IGNORECASE)
SCRIPT = b'<script src="/flowmage/entry.js"></script>'

# What a page may do that nobody else should look at, frame or keep.
PRIVATE = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
NOTHING = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Without these headers an answer is whole, new and plain, so that something can be added to it.
PLAIN = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"if-range", b"range"}
CHANGED = {b"content-length", b"etag", b"last-modified", b"accept-ranges", b"cache-control"}


class Entry:
    """An ASGI app in front of the server's own, which answers below /flowmage/ by itself."""

    def __init__(self, app, home, clock=time.time, pause=1.0, waiting=8):
        self.app, self.home, self.clock = app, home, clock
        self.pause, self.free = pause, waiting  # who guesses waits, and only so many at a time
        self.auth = os.environ["PREFECT_SERVER_API_AUTH_STRING"]
        self.password = base64.b64encode(self.auth.encode()).decode()
        beside = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(beside, "flowmage_open.html"), "rb") as file:
            self.page = file.read()
        with open(os.path.join(beside, "flowmage_entry.js"), "rb") as file:
            self.script = file.read()
        self.policy = policy(self.page)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        looks = scope["method"] in ("GET", "HEAD")
        shows = looks and "text/html" in header(scope, b"accept")
        if shows and LOCALHOST.fullmatch(header(scope, b"host")):
            # A browser keeps what it knows by the host's name: one name is enough.
            await answer(send, 307, b"", b"text/plain", [(b"location", elsewhere(scope))])
        elif scope["path"].startswith("/flowmage/"):
            await self.own(scope, receive, send)
        elif shows:
            await self.with_script(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def own(self, scope, receive, send):
        """Answers what is below /flowmage/."""
        route = ("GET" if scope["method"] == "HEAD" else scope["method"], scope["path"])
        if route == ("GET", "/flowmage/open"):
            await answer(send, 200, self.page, b"text/html; charset=utf-8", policy=self.policy)
        elif route == ("GET", "/flowmage/entry.js"):
            await answer(send, 200, self.script, b"text/javascript; charset=utf-8")
        elif route == ("GET", "/flowmage/known"):
            given = header(scope, b"authorization")
            known = hmac.compare_digest(given.encode(), f"Basic {self.password}".encode())
            await (tell(send, 200, True) if known else self.refuse(send, 200, False))
        elif route == ("POST", "/flowmage/open"):
            await self.exchange(scope, receive, send)
        else:
            await tell(send, 404, "there is no such page")

    async def exchange(self, scope, receive, send):
        """Gives the password for a code, to this server's own page alone."""
        host = header(scope, b"host")
        if not LOOPBACK.fullmatch(host) or header(scope, b"origin") != f"http://{host}":
            await tell(send, 403, "only the page of this server may ask this")
            return
        if header(scope, b"content-type") != "application/json":
            await tell(send, 415, "a code comes as JSON")
            return
        code = await code_in(receive)
        if code and self.take(code):
            self.note()
            await tell(send, 200, {"password": self.password})
        else:
            await self.refuse(send, 403, "no such code")

    def take(self, code):
        """Takes a code, and tells whether it was there and in time. Only one of those who try at the same time can take it away."""
        path = os.path.join(self.home, "run", "codes", hashlib.sha256(code.encode()).hexdigest())
        try:
            with open(path, encoding="ascii") as file:
                until = int(file.read(32))
            os.unlink(path)
        except (OSError, ValueError):
            return False
        return 0 < until - self.clock() <= LIFETIME

    def note(self):
        """Notes that somebody was let in with this password: commands need not offer it any more."""
        path = os.path.join(self.home, "run", "entered")
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(hashlib.sha256(self.auth.encode()).hexdigest())
        except OSError:
            pass

    async def refuse(self, send, status, what):
        """Tells it late, and nothing to more than a few at a time."""
        if self.free == 0:
            await tell(send, 429, "too many wrong tries at a time")
            return
        self.free -= 1
        try:
            await asyncio.sleep(self.pause)
        finally:
            self.free += 1
        await tell(send, status, what)

    async def with_script(self, scope, receive, send):
        """Passes a request on and adds the script to the page that comes back."""
        extensions = {k: v for k, v in (scope.get("extensions") or {}).items() if k != "http.response.pathsend"}
        headers = [(k, v) for k, v in scope["headers"] if k not in PLAIN]
        start, parts = None, []

        async def adding(message):
            nonlocal start
            if message["type"] == "http.response.start" and is_page(message):
                start = message
            elif start is not None and message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    body = HEAD.sub(lambda found: found.group(0) + SCRIPT, b"".join(parts), count=1)
                    await send(dict(start, headers=page_headers(start, body, scope["method"])))
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        await self.app(dict(scope, headers=headers, extensions=extensions), receive, adding)


def header(scope, name):
    """Gives a header; "" when it is missing or comes twice."""
    found = [v for k, v in scope["headers"] if k == name]
    return found[0].decode("latin-1").strip() if len(found) == 1 else ""


def elsewhere(scope):
    """Gives the address of a request by the host's number."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope.get("query_string") else b""
    _, _, port = header(scope, b"host").partition(":")
    return b"http://127.0.0.1" + (f":{port}".encode() if port else b"") + path + query


async def code_in(receive):
    """Reads the code that a request carries; "" without a well-formed one."""
    body = b""
    while len(body) <= 1024:
        message = await receive()
        if message["type"] != "http.request":
            return ""
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        code = json.loads(body[:1025])["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return code if isinstance(code, str) and CODE.fullmatch(code) else ""


def is_page(message):
    found = dict(message["headers"])
    return message["status"] == 200 and found.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in found


def page_headers(start, body, method):
    """Gives the headers of a page that was changed: nobody may frame it, and a browser asks for it anew each time."""
    headers = [(k, v) for k, v in start["headers"] if k not in CHANGED]
    if method != "HEAD":
        headers.append((b"content-length", str(len(body)).encode()))
    return [
        *headers,
        (b"cache-control", b"no-cache"),
        (b"content-security-policy", b"frame-ancestors 'none'"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]


def policy(page):
    """Gives the policy under which nothing runs on a page but its own script."""
    script, style = (
        base64.b64encode(hashlib.sha256(re.search(rb"<%s[^>]*>(.*?)</%s>" % (tag, tag), page, re.DOTALL).group(1)).digest())
        for tag in (b"script", b"style")
    )
    return NOTHING + b"; connect-src 'self'; script-src 'sha256-" + script + b"'; style-src 'sha256-" + style + b"'"


async def tell(send, status, what):
    await answer(send, status, json.dumps(what).encode(), b"application/json")


async def answer(send, status, body, kind, more=(), policy=NOTHING):
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", policy),
        *PRIVATE,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
