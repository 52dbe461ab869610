package local

import (
	"slices"
	"strconv"
	"strings"
)

// launcher is the script that runs Prefect's command line. Its absolute path in the command line of a process tells whose
// process that is, even when we were killed before we could take a note. It lies in a folder of its own because Python
// looks for modules beside a script first; with -m it would look in the working folder, where a user's queue.py would break
// a worker.
const launcher = "flowmage_prefect.py"

const launcherText = `# Written by Flowmage: runs Prefect's command line for the embedded environment, keeps a worker running, or passes
# connections on to the server.
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
    from prefect.cli import app

    app()
`

// What the launcher needs of its own, as the binary carries it and as it lies beside the launcher.
const (
	keepSource = "python/keep.py"
	keepScript = "flowmage_keep.py"
)

// labelPrefix begins the value of Python's -X option that carries a process's name; Python ignores unknown ones.
const labelPrefix = "flowmage="

// prefectArgs are the arguments for Python that run Prefect with args, labelled with name. An empty name is never found again.
func (l *Local) prefectArgs(name string, args ...string) []string {
	return append([]string{"-X", labelPrefix + name, l.path("bin", launcher)}, args...)
}

// boundArgs are the arguments for Python that run Prefect with args, until whoever holds the other end of its standard input is gone.
func (l *Local) boundArgs(args ...string) []string {
	return append([]string{"-X", "flowmage-bound", l.path("bin", launcher)}, args...)
}

// label gives the name that a command line carries, "" where it is not one of ours.
func (l *Local) label(command []string) string {
	script := slices.Index(command, l.path("bin", launcher))
	if script < 2 || command[script-2] != "-X" {
		return ""
	}
	name, ok := strings.CutPrefix(command[script-1], labelPrefix)
	if !ok {
		return ""
	}
	return name
}

// portOf reads the port from a server's command line.
func portOf(command []string) int {
	at := slices.Index(command, "--port")
	if at < 0 || at+1 >= len(command) {
		return 0
	}
	port, err := strconv.Atoi(command[at+1])
	if err != nil {
		return 0
	}
	return port
}
