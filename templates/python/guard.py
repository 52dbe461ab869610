"""Stands in front of the embedded server's app, in its process, and lets nobody in but its owner's programs and pages.

Prefect's own settings (auth string, allowed origins, CSRF) leave gaps, others in each release: host names are not checked, nor are
origins of web sockets; sockets ask for no password before 3.6.14, and some paths none before 3.6.22. What is checked here holds for all of
them, so every request and every socket must have

- a host name of this machine, or a page of another site could come in by a name that it has had point here (DNS rebinding);
- no other origin than the server's own, where a browser tells one;
- the auth string, but for what a browser loads before it knows the string: the UI's files and settings, and the way into it.
"""

import asyncio
import base64
import functools
import hashlib
import hmac
import json
import os
import sys
import urllib.parse

import flowmage_entry

LOOPBACK = "127.0.0.1"
NAMES = {LOOPBACK, "localhost", "[::1]", "host.docker.internal"}
API = "/api"
OPEN = {API + "/health", API + "/ready"}  # they say no more than that somebody listens
CLOSED = ("/docs", "/redoc", "/openapi.json")  # beside the API
PROOF = "/flowmage/proof"
READING = {"GET", "HEAD"}
PATIENCE = 10.0  # seconds that a socket has to say the auth string
REFUSED = 1008  # the code by which sockets are told: policy violation


def version(folder):
    """Names the sources of guard and entry as they are in use, in the way that Go does."""
    whole = hashlib.sha256()
    for name in ("flowmage_prefect.py", "flowmage_guard.py", "flowmage_entry.py", "flowmage_entry.js", "flowmage_open.html"):
        with open(os.path.join(folder, name), "rb") as source:
            whole.update(hashlib.sha256(source.read()).digest())
    return whole.hexdigest()


VERSION = version(os.path.dirname(os.path.abspath(__file__)))


class Headers:
    """The headers of a request or socket, by name in small letters."""

    def __init__(self, scope):
        self.pairs = [(name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in scope["headers"]]

    def all(self, name):
        return [value for key, value in self.pairs if key == name]

    def one(self, name):
        """Gives the header's only value; None when there is none, or more than one."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None


class Guard:
    """An ASGI app in front of another one."""

    def __init__(self, app, home, port, secret):
        self.app, self.home, self.port, self.secret = app, home, port, secret
        self.basic = base64.b64encode(secret.encode()).decode()

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope)
        reason = self.strange_host(headers) or self.strange_origin(scope, headers)
        if reason:
            return await refuse(scope, receive, send, 403, reason)
        if scope["type"] == "websocket":
            return await self.socket(scope, headers, receive, send)
        if scope["path"] == PROOF:
            return await answer(send, 200, self.proof(scope))
        if self.asks(scope, headers) and not self.authorized(headers):
            return await refuse(scope, receive, send, 401, "Unauthorized: the embedded server wants its auth string")
        await self.app(scope, receive, unframed(send))

    def strange_host(self, headers):
        name = (headers.one("host") or "").lower()
        if name.rpartition(":")[2].isdigit():
            name = name.rpartition(":")[0]
        if name in NAMES or name and name == self.forwarder():
            return ""
        return "this host name does not belong to the embedded server"

    def forwarder(self):
        """Gives the address at which containers reach the server; it is noted when there is such a way."""
        try:
            with open(os.path.join(self.home, "run", "forwarder.json"), encoding="utf-8") as record:
                return json.load(record)["Spec"].rpartition(":")[0].lower()
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            return ""

    def own(self, origin, headers):
        own = {f"http://{name}:{self.port}" for name in (LOOPBACK, "localhost")}
        return origin.lower() in own | {"http://" + headers.one("host").lower()}

    def strange_origin(self, scope, headers):
        """Tells what is wrong with where a browser says that a request comes from. Programs say nothing."""
        foreign = "requests from pages of other origins are refused"
        if origins := headers.all("origin"):
            return "" if all(self.own(origin, headers) for origin in origins) else foreign
        site = headers.all("sec-fetch-site")
        if any(value not in ("same-origin", "none") for value in site):
            return "" if link(scope, headers) else foreign
        writes = scope["type"] == "websocket" or scope["method"] not in READING
        for referer in filter(None, headers.all("referer") if writes and not site else []):
            try:
                parts = urllib.parse.urlsplit(referer)
            except ValueError:
                return foreign
            if not self.own(f"{parts.scheme}://{parts.netloc}", headers):
                return foreign
        return ""

    def asks(self, scope, headers):
        """Tells whether a request needs the auth string."""
        path, method = scope["path"], scope["method"]
        if path.startswith(CLOSED):
            return True
        if path != API and not path.startswith(API + "/") or path in OPEN and method in READING:
            return False
        preflight = method == "OPTIONS" and headers.all("origin") and headers.all("access-control-request-method")
        return not preflight  # browsers send those without credentials; the origin is our own

    def authorized(self, headers):
        scheme, _, given = (headers.one("authorization") or "").partition(" ")
        return scheme.lower() == "basic" and same(given.strip(), self.basic)

    def proof(self, scope):
        """Proves, without saying it, that this server knows the auth string, and which guard it has."""
        nonce = urllib.parse.parse_qs(scope["query_string"].decode("latin-1")).get("nonce", [""])[0]
        return hmac.new(self.secret.encode(), f"{nonce}:{self.port}:{VERSION}".encode(), hashlib.sha256).hexdigest()

    async def socket(self, scope, headers, receive, send):
        """Lets a socket in that brings the auth string in its headers, or says it first, as Prefect's clients do."""
        known = self.authorized(headers)
        protocols = [p.strip() for value in headers.all("sec-websocket-protocol") for p in value.split(",")]
        if not known and "prefect" not in protocols:
            return await refuse(scope, receive, send, 403, "the embedded server wants its auth string")
        first = closed = False

        async def close():
            nonlocal closed
            if not closed:
                closed = True
                await send({"type": "websocket.close", "code": REFUSED, "reason": "Invalid token"})
            return {"type": "websocket.disconnect", "code": REFUSED}

        async def hear():
            nonlocal known, first
            if closed:
                return await close()
            try:
                message = await (receive() if known else asyncio.wait_for(receive(), PATIENCE))
            except asyncio.TimeoutError:
                return await close()
            if message["type"] != "websocket.receive" or first:
                return message
            first = True
            said = greeting(message)
            if known:  # it need not say again what its headers have said; clients before 3.3.5 can't
                return message if said is None else {"type": "websocket.receive", "text": json.dumps({**said, "token": self.secret})}
            known = said is not None and same(said.get("token"), self.secret)
            return message if known else await close()

        async def tell(message):
            if not closed and (known or message["type"] != "websocket.send"):
                await send(message)

        await self.app(scope, hear, tell)


def link(scope, headers):
    """Tells whether somebody has followed a link from elsewhere to a page of the UI, in a window of its own."""
    page = scope["type"] == "http" and scope["method"] in READING and not scope["path"].startswith((API + "/", *CLOSED))
    return page and headers.all("sec-fetch-mode") == ["navigate"] and headers.all("sec-fetch-dest") == ["document"]


def same(given, secret):
    """Tells whether that is the secret. Texts from JSON may hold what no encoding knows."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(errors="replace"), secret.encode())


def greeting(message):
    """Gives a socket's first message if it is the one by which clients identify themselves."""
    try:
        said = json.loads(message.get("text") or message.get("bytes") or b"")
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("type") == "auth" else None


def unframed(send):
    """Keeps pages from being shown inside of other pages, where clicks can be stolen."""

    async def tell(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"x-frame-options", b"DENY")]}
        await send(message)

    return tell


async def refuse(scope, receive, send, status, reason):
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": REFUSED, "reason": reason})
    await answer(send, status, {"exception_message": reason, "detail": reason})


async def answer(send, status, value):
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def send_csrf_tokens():
    """Has the server's own client send a CSRF token, or automations could start nothing: releases before 3.4.4 don't by themselves."""
    from prefect.server.api import clients

    made = clients.PrefectHttpxAsyncClient

    @functools.wraps(made)
    def make(*args, **kwargs):
        return made(*args, **{**kwargs, "enable_csrf_support": True})

    clients.PrefectHttpxAsyncClient = make


def install(home):
    """Has the server that this process is about to run stand behind the guard. It does not run without."""
    import uvicorn

    run = uvicorn.run

    def guarded(app, *args, **kwargs):
        secret = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
        if not secret or not callable(app) or kwargs.get("host") != LOOPBACK:
            sys.exit("flowmage: this server can't be guarded: it needs an auth string, one process, and loopback alone")
        send_csrf_tokens()
        entry = flowmage_entry.Entry(app, home)
        return run(Guard(entry, home, kwargs["port"], secret), *args, **kwargs)

    uvicorn.run = guarded
