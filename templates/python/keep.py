"""Keeps a worker in the background running: it is started again when it ends, or when the server does not hear of it any more.

The launcher calls it: main() is the keeper's process, end_with_parent() is for the worker itself.
"""

import base64
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Prefect's workers give a sign of life every 30 s, and the server counts one as offline after three.
LOOK = 10.0  # seconds between two questions whether the server hears of it
SILENCES = 6  # answers in a row that it does not
LEAVE = 30.0  # seconds that a silent one gets to end

FIRST, MOST = 1.0, 60.0  # seconds before it is started again: twice as long each time
WELL = 60.0  # one that ran for so long counts as well again
SETTLED = 30.0  # one that never ran for so long is given up
TRIES = 3


def say(text):
    print("flowmage: " + text, file=sys.stderr, flush=True)


def end_with_parent():
    """Ends this process in order when the one that holds the other end of its standard input is gone."""
    bound, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait():
        while os.read(bound, 512):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no server elsewhere: the credentials are for this one."""

    def redirect_request(self, *_):
        return None


class Server:
    """Prefect's API, asked with the credentials that the worker has."""

    def __init__(self, environ):
        parts = urllib.parse.urlsplit(environ["PREFECT_API_URL"])
        # Releases whose web sockets ask for no password have it in the address.
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        headers = json.loads(environ.get("PREFECT_CLIENT_CUSTOM_HEADERS") or "{}")
        if isinstance(headers, str):  # the text that keeps Prefect from adding those of a file
            headers = json.loads(headers)
        self.headers = {"Content-Type": "application/json", **headers}
        if key := environ.get("PREFECT_API_KEY"):
            self.headers["Authorization"] = "Bearer " + key
        elif auth := environ.get("PREFECT_API_AUTH_STRING"):
            self.headers["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
        context = ssl.create_default_context(cafile=environ.get("PREFECT_API_SSL_CERT_FILE"))
        if environ.get("PREFECT_API_TLS_INSECURE_SKIP_VERIFY") == "true":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=context))

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with self.opener.open(urllib.request.Request(self.url + path, data, self.headers), timeout=LOOK) as answer:
            return json.load(answer)

    def post(self, path, body):
        """Posts, with a CSRF token when the server wants one. Tokens end after a while; then another one is fetched."""
        try:
            return self.ask(path, body)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 403:
                raise
        client = secrets.token_hex(16)
        token = self.ask("/csrf-token?client=" + client)["token"]
        self.headers |= {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": token}
        return self.ask(path, body)


def online(server, pool, name):
    """Tells whether the server hears of the worker; None when it can't be asked, which is not the worker's fault."""
    try:
        found = server.post(f"/work_pools/{urllib.parse.quote(pool, safe='')}/workers/filter", {"workers": {"status": {"any_": ["ONLINE"]}}})
        return any(worker["name"] == name for worker in found)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def attend(child, server, pool, name):
    """Waits until the worker has ended, and ends one that the server does not hear of any more."""
    ended, heard, silent = threading.Event(), False, 0
    threading.Thread(target=lambda: (child.wait(), ended.set()), daemon=True).start()
    while not ended.wait(LOOK):
        answer = online(server, pool, name)
        heard = heard or answer is True
        silent = silent + 1 if heard and answer is False else 0
        if silent >= SILENCES:
            say(f"the server has not heard of the worker {name} for a while")
            child.terminate()
            if not ended.wait(LEAVE):
                child.kill()
            ended.wait()
    return child.returncode


def main(launcher, arguments):
    """Keeps the worker that the arguments start, until it is told to end."""
    pool, name = (arguments[arguments.index(flag) + 1] for flag in ("--pool", "--name"))
    ending, children, server = threading.Event(), [], Server(os.environ)

    def end(*_):
        ending.set()
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    settled, pause, tries = False, 0.0, 0
    while not ending.is_set():
        began = time.monotonic()
        children[:] = [subprocess.Popen([sys.executable, "-X", "flowmage-bound", launcher, *arguments], stdin=subprocess.PIPE)]
        if ending.is_set():
            end()
        code = attend(children[0], server, pool, name)
        children[0].stdin.close()
        ran, tries = time.monotonic() - began, tries + 1
        settled = settled or ran >= SETTLED
        if ending.is_set():
            return
        if not settled and tries >= TRIES:
            sys.exit(f"flowmage: the worker has ended {tries} times (exit code {code}); it is given up")
        pause = FIRST if ran >= WELL or not pause else min(2 * pause, MOST)
        say(f"the worker has ended (exit code {code}); it is started again in {pause:.0f} s")
        ending.wait(pause)
