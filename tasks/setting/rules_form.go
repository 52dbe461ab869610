package setting

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/secret"
)

// affix is what may stand in front of and behind deployments' names: it becomes part of the tag by which they are known.
var affix = pattern.New(`^[A-Za-z0-9._-]*$`)

// User stands in `prefix` for the name of who deploys.
const User = "{user}"

func affixRule(v any) *Problem {
	s, _ := v.(string)
	if !affix.MatchString(strings.ReplaceAll(s, User, "")) {
		return bad(`write letters, digits, dots, dashes and underscores, such as "{user}-"`, "must be short and plain, this is %q", Shorten(s))
	}
	return nil
}

// Sources are the places where code can come from.
func Sources() []string { return []string{"directory", "git", "remote", "block"} }

// codeRule wants one source at most.
func codeRule(v any) *Problem {
	has := written(v, Sources()...)
	if len(has) < 2 {
		return nil
	}
	return &Problem{Code: "code-source", Message: "has " + strings.Join(has, " and ") + ", but the code comes from one place", Fix: "keep one"}
}

// Off is the severity of what is not told at all.
const Off = "off"

// rulingRule wants to know how bad it is, wherever.
func rulingRule(v any) *Problem {
	if len(written(v, "severity")) == 0 {
		return bad(`write {severity: off, paths: ["flows/old/**"]}`, "names no severity")
	}
	return nil
}

// The forms of a git repository's address.
var (
	webRepository = pattern.New(`^https?://[^/\s]+/\S+$`)
	sshRepository = pattern.New(`^(ssh://\S+/\S+|[\w.-]+@[\w.-]+:\S+)$`)
)

func repositoryRule(v any) *Problem {
	s, _ := v.(string)
	switch {
	case strings.Contains(s, "{{"):
		return nil
	case webRepository.MatchString(s) && secret.InAddress(s):
		return bad("take user and password out of it, and name a block: credentials: github-credentials/robots",
			"holds credentials, and files are for everybody to read")
	case webRepository.MatchString(s), sshRepository.MatchString(s), strings.HasPrefix(s, "file:///"), strings.HasPrefix(s, "/"):
		return nil
	}
	return bad("write repository: https://github.com/acme/robots.git", "is no address of a git repository: %q", Shorten(s))
}

// notBranch is what git allows in no branch's name (git check-ref-format).
var notBranch = pattern.New(`[\s~^:?*\[\\]|\.\.|@\{|^[-/.]|[/.]$|//|\.lock$`)

func branchRule(v any) *Problem {
	if s, _ := v.(string); s == "" || notBranch.MatchString(s) {
		return bad("write branch: main", "is no name of a branch: %q", Shorten(s))
	}
	return nil
}

// block is a block's type and name, as they stand in {{ prefect.blocks.TYPE.NAME }}.
var block = pattern.New(`^[a-z0-9-]+/[a-z0-9-]+$`)

func blockRule(v any) *Problem {
	return fits(v, block, "write TYPE/NAME, such as github-credentials/robots or secret/token", "must be a block's type and name in small letters, this is %q")
}

// storage is an address as fsspec takes it.
var storage = pattern.New(`^[a-z][a-z0-9+.-]*://\S+$`)

func storageRule(v any) *Problem {
	s, _ := v.(string)
	switch {
	case !storage.MatchString(s) && !strings.Contains(s, "{{"):
		return bad("write url: s3://bucket/folder", "must be an address with a scheme such as s3://, this is %q", Shorten(s))
	case secret.InAddress(s):
		return bad("take them out of it, and put them under settings as {{ prefect.blocks.secret.NAME }}", "holds credentials, and files are for everybody to read")
	}
	return nil
}

// registry is a host with a path, in the small letters that image names have.
var registry = pattern.New(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)

func registryRule(v any) *Problem {
	s, _ := v.(string)
	switch {
	case strings.Contains(s, "://"):
		return bad("write registry: "+strings.ToLower(s[strings.Index(s, "://")+3:]), "is written without a scheme, this is %q", Shorten(s))
	case !registry.MatchString(s):
		return bad("write registry: registry.example.com/robots", "must be a host and a path in small letters, this is %q", Shorten(s))
	}
	return nil
}

var platform = pattern.New(`^[a-z0-9]+/[a-z0-9_]+(/v[0-9]+)?$`)

func platformRule(v any) *Problem {
	return fits(v, platform, "write platform: linux/amd64", "must be a system and an architecture, this is %q")
}

// image is a reference with an optional tag and digest.
var image = pattern.New(`^[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?(:[\w][\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`)

func imageRule(v any) *Problem {
	return fits(v, image, "write base: python:3.12-slim", "is no name of an image: %q")
}

var network = pattern.New(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

func networkRule(v any) *Problem {
	return fits(v, network, "write networks: [rpa-network]", "is no name of a Docker network: %q")
}

// volume is host:container with an optional mode; the host's side is a path or the name of a volume.
var volume = pattern.New(`^([^:]+|[A-Za-z]:[\\/][^:]*):(/[^:]*)(:(ro|rw))?$`)

func volumeRule(v any) *Problem {
	return fits(v, volume, "write host:container, such as ./data:/data or ./data:/data:ro", "must be a path here and an absolute path in the container, this is %q")
}

// memory is a number with Docker's units.
var memory = pattern.New(`^[1-9][0-9]*[bkmg]$`)

func memoryRule(v any) *Problem {
	return fits(v, memory, "write memory: 512m", "must be a number with one of the units b, k, m, g, this is %q")
}
