"""The way into the UI: until there is one, everything is passed on."""


class Entry:
    """An ASGI app in front of Prefect's. The guard has checked host and origin of all that comes here."""

    def __init__(self, app, home):
        self.app, self.home = app, home

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)
