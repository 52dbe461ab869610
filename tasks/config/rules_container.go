package config

import (
	"regexp"
	"strings"
)

// registry is a host with a path, in the small letters that image names have.
var registry = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)

func registryRule(v any) *problem {
	s, _ := v.(string)
	switch {
	case strings.Contains(s, "://"):
		return bad("write registry: "+strings.ToLower(s[strings.Index(s, "://")+3:]), "is written without a scheme, this is %q", shorten(s))
	case !registry.MatchString(s):
		return bad("write registry: registry.example.com/robots", "must be a host and a path in small letters, this is %q", shorten(s))
	}
	return nil
}

var platform = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/v[0-9]+)?$`)

func platformRule(v any) *problem {
	if s, _ := v.(string); !platform.MatchString(s) {
		return bad("write platform: linux/amd64", "must be a system and an architecture, this is %q", shorten(s))
	}
	return nil
}

// image is a reference with an optional tag and digest.
var image = regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?(:[\w][\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`)

func imageRule(v any) *problem {
	if s, _ := v.(string); !image.MatchString(s) {
		return bad("write base: python:3.12-slim", "is no name of an image: %q", shorten(s))
	}
	return nil
}

var network = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

func networkRule(v any) *problem {
	if s, _ := v.(string); !network.MatchString(s) {
		return bad("write networks: [rpa-network]", "is no name of a Docker network: %q", shorten(s))
	}
	return nil
}

// volume is host:container with an optional mode; the host's side is a path or the name of a volume.
var volume = regexp.MustCompile(`^([^:]+|[A-Za-z]:[\\/][^:]*):(/[^:]*)(:(ro|rw))?$`)

func volumeRule(v any) *problem {
	if s, _ := v.(string); !volume.MatchString(s) {
		return bad("write host:container, such as ./data:/data or ./data:/data:ro", "must be a path here and an absolute path in the container, this is %q", shorten(s))
	}
	return nil
}

// memory is a number with Docker's units.
var memory = regexp.MustCompile(`^[1-9][0-9]*[bkmg]$`)

func memoryRule(v any) *problem {
	if s, _ := v.(string); !memory.MatchString(s) {
		return bad("write memory: 512m", "must be a number with one of the units b, k, m, g, this is %q", shorten(s))
	}
	return nil
}
