package trust

// Way is one way in which a repository could have a program of its own started.
type Way struct {
	Key  string // one word, for tests
	Name string // what in the repository does it
	By   string // what would start it
	Off  string // how it is shut off
}

// How the ways are shut off that several have in common.
const (
	refused = "commands that write or run are refused (exit code 7)"
	never   = "switched off in every question to git, trusted or not"
)

// Ways lists them all. A new one, such as a hook, is a line here; docs/security.md prints the list, and the test that walks it wants a trap for
// each.
func Ways() []Way {
	return []Way{
		{"schemas", "`schemas: python`", "Prefect, asked for the parameters of flows, loads their files", "nobody is asked; parameters are told from the source, with a warning"},
		{"python", "`python:` with an interpreter in the tree", "whatever needs Python: schemas, server, worker, served flows", "no Python is started; " + refused},
		{"venv", "a virtual environment in the tree, `.flowmage/python` included", "`PATH`, or our own record of what is installed", "as `python:` and as `PATH`"},
		{"programs", "programs in the tree called `git`, `docker`, `uv`, `python3`, `go`", "a `PATH` with a folder of the repository or a relative one",
			"such folders are taken out of `PATH`, for this process and all that it starts"},
		{"libraries", "libraries and modules in the tree", "`LD_PRELOAD`, `LD_LIBRARY_PATH`, `PYTHONPATH` and the like", "what of them lies in the repository is taken out"},
		{"home", "configuration in the tree that looks like a user's: git's, Docker's with its credential helpers and contexts, uv's, pip's",
			"`HOME`, `XDG_CONFIG_HOME`, `DOCKER_CONFIG`, `GIT_CONFIG_GLOBAL` and the like, set to a folder of the repository", "they are pointed at nothing"},
		{"toolchain", "`go.mod` with a `toolchain` line, `.tool-versions`, `.python-version`", "doctor, asking tools for their versions", "tools are asked outside of the repository, `GOTOOLCHAIN=local`; trusted or not"},
		{"backends", "build backends of `pyproject.toml`, `setup.py`, requirements that name the tree", "pip or uv installing the flows' packages", "nothing is installed; " + refused},
		{"launcher", "`uv run` as launcher of runs", "a worker or a served flow", refused},
		{"dockerfiles", "Dockerfiles", "image builds", "no image is built; " + refused},
		{"images", "images made of the repository", "`verify:images`, and doctor's question which Prefect is in them", "`verify:images` is refused, `verify` and doctor leave it out"},
		{"steps", "shell steps of a manifest: `build`, `push`, `pull`", "a deploy of that manifest", "plans never run them; " + refused},
		{"flows", "flows", "`flows:run`, `flows:serve`, `verify:deployments -smoke`", refused},
		{"fsmonitor", "git's `core.fsmonitor`", "`git status`", never},
		{"hooks", "git's hooks, `core.hooksPath`", "`git status`, which writes its index", never},
		{"filters", "git's filters (`clean`, `smudge`, `process`), by `.gitattributes`", "`git status`, which compares contents",
			"each filter that the repository's own configuration defines is switched off where it is not trusted; elsewhere they stay, as Git LFS's and git-crypt's are such ones, and so do the user's own"},
		{"includes", "git's `include` and `includeIf`", "any question", "what they bring in is judged as if it stood in the configuration itself"},
		{"diffs", "git's external diff and textconv", "`git log`, `git diff`", "no question shows a difference; the one that names the files that differ is asked with `--no-ext-diff --no-textconv`"},
		{"signatures", "git's signature check (`log.showSignature`, `gpg.program`)", "`git log`", never},
		{"transports", "git's transports: partial clones, `ext::`, `core.sshCommand`, credential helpers, `core.askPass`", "any question for an object that is not here",
			"no transport is allowed and nothing is fetched, trusted or not"},
		{"pagers", "git's pager, editor and aliases", "git's commands for people", "questions are commands of git's own, which no alias replaces, with `--no-pager`"},
		{"submodules", "configuration of a submodule", "`git status`, which looks into it by a program of its own", "submodules are asked one by one, as the repository is"},
		{"bare", "a bare repository in the tree", "any question asked in its folder", "it is not taken for a repository (`safe.bareRepository`); git's own question who owns a folder stays"},
		{"pointer", "a `.git` file that points elsewhere in the tree", "any question", "the configuration it leads to is judged as any other"},
		{"variables", "variables for git: `GIT_SSH_COMMAND`, `GIT_EXTERNAL_DIFF`, `GIT_ASKPASS` and the like", "any question", "left out of questions, trusted or not"},
	}
}
