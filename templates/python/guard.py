"""Stands in front of the embedded server's app, in its process, and lets nobody in but the owner's programs and pages."""

import flowmage_entry


class Guard:
    """An ASGI app in front of another one."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


def install(home):
    """Has the server that this process is about to run stand behind the guard."""
    import uvicorn

    run = uvicorn.run

    def guarded(app, *args, **kwargs):
        return run(Guard(flowmage_entry.Entry(app, home)), *args, **kwargs)

    uvicorn.run = guarded
