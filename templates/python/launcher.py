# Written by Flowmage: runs Prefect's command line for the embedded environment, keeps a worker running, or passes
# connections on to the server.
import os
import sys


def forward(host, port, target):
    import asyncio

    async def copy(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def serve(reader, writer):
        try:
            onward = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, onward[1]), copy(onward[0], writer))

    async def main():
        server = await asyncio.start_server(serve, host, port)
        async with server:
            await server.serve_forever()

    asyncio.run(main())


if __name__ == "__main__" and sys.argv[1:2] == ["forward"]:
    forward(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
elif __name__ == "__main__" and sys.argv[1:2] == ["keep"]:
    import flowmage_keep

    flowmage_keep.main(__file__, sys.argv[2:])
elif __name__ == "__main__":
    if "flowmage-bound" in sys._xoptions:
        import flowmage_keep

        flowmage_keep.end_with_parent()
    if sys.argv[1:3] == ["server", "start"]:
        import flowmage_guard

        flowmage_guard.install(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from prefect.cli import app

    app()
