package config

import (
	"fmt"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/secret"
)

// Prefect Cloud's addresses (Prefect: settings, cloud/).
const (
	cloudAPI = "https://api.prefect.cloud/api/"
	cloudUI  = "https://app.prefect.cloud/"
)

// The codes of values of the right type that are no good.
const (
	badValue   = "value-bad"
	outOfRange = "value-range"
)

func bad(fix, format string, args ...any) *problem {
	return &problem{code: badValue, message: fmt.Sprintf(format, args...), fix: fix}
}

// fits wants a text of some form; format tells what is wrong with another one, which it ends with.
func fits(v any, form *regexp.Regexp, fix, format string) *problem {
	if s, _ := v.(string); !form.MatchString(s) {
		return bad(fix, format, shorten(s))
	}
	return nil
}

// written gives those of the keys that a mapping has.
func written(v any, keys ...string) []string {
	m, _ := v.(map[string]any)
	return slices.DeleteFunc(keys, func(key string) bool {
		_, has := m[key]
		return !has
	})
}

// projectName is what a project may be called: it becomes part of a tag and of names of work pools.
var projectName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func projectRule(v any) *problem {
	if s, _ := v.(string); !projectName.MatchString(s) {
		return bad("write project: "+projectFrom(s), "must be letters, digits, dots, dashes and underscores, this is %q", shorten(s))
	}
	return nil
}

func webRule(v any) *problem {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return bad("write https:// in front of the host's name", "must be an address with http:// or https://, this is %q", shorten(s))
	}
	if secret.InAddress(s) {
		return bad("take user and password out of it, and set the variable PREFECT_API_AUTH_STRING",
			"holds credentials, and files are for everybody to read")
	}
	return nil
}

// apiRule wants what Prefect's client wants as PREFECT_API_URL.
func apiRule(v any) *problem {
	s, _ := v.(string)
	if p := webRule(s); p != nil {
		return p
	}
	u, _ := url.Parse(s)
	switch {
	case u.Host == "api.prefect.cloud" || u.Host == "app.prefect.cloud":
		return cloudRule(s)
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/api") && u.RawQuery == "" && u.Fragment == "":
		return nil
	}
	return bad("write url: "+u.Scheme+"://"+u.Host+"/api", "must end in /api, this is %q", shorten(s))
}

// The addresses of a Cloud workspace: of its API, and of its pages.
var (
	workspaceAPI   = regexp.MustCompile(`^https://api\.prefect\.cloud/api/accounts/[^/?#]+/workspaces/[^/?#]+/*$`)
	workspacePages = regexp.MustCompile(`^https?://app\.prefect\.cloud/account/([^/?#]+)/workspace/([^/?#]+)`)
)

func cloudRule(s string) *problem {
	if workspaceAPI.MatchString(s) {
		return nil
	}
	if m := workspacePages.FindStringSubmatch(s); m != nil {
		return bad("write url: "+cloudAPI+"accounts/"+m[1]+"/workspaces/"+m[2], "is the address of the Cloud's pages, not of its API")
	}
	return bad("write url: "+cloudAPI+"accounts/ACCOUNT/workspaces/WORKSPACE, as `prefect config view` shows it",
		"must name an account and a workspace, this is %q", shorten(s))
}

// placeholder is a name in braces.
var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func namingRule(v any) *problem {
	s, _ := v.(string)
	known := []string{"{flow}", "{kind}", "{env}", "{project}"}
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(known, m[0]) {
			return bad(meant(m[0], known, "use {flow}, {kind}, {env}, {project}"), "has the unknown placeholder %s", m[0])
		}
	}
	rest := placeholder.ReplaceAllString(s, "")
	switch {
	case !strings.Contains(s, "{flow}"):
		return bad(`write naming: "{flow}-{kind}-{env}"`, "must hold {flow}, or all deployments had one name; this is %q", shorten(s))
	case strings.ContainsAny(rest, "{}"):
		return bad("use {flow}, {kind}, {env}, {project}", "has a brace without its partner: %q", shorten(s))
	}
	return nameRule(s)
}

// nameRule wants a name that Prefect accepts; its server answers others with an internal error.
func nameRule(v any) *problem {
	if s, _ := v.(string); strings.ContainsAny(s, "/%&><") {
		return bad("leave these characters out", "must not hold any of / %% & > <, this is %q", shorten(s))
	}
	return nil
}

// poolNameRule also refuses what Prefect keeps for itself (Prefect: server/api/workers.py).
func poolNameRule(v any) *problem {
	s, _ := v.(string)
	if strings.HasPrefix(strings.ToLower(s), "prefect") {
		return bad("give it another name", `must not start with "prefect": Prefect keeps those names for itself; this is %q`, shorten(s))
	}
	if s == "" {
		return bad("give it a name, or remove the line", "is empty")
	}
	return nameRule(v)
}

// choiceRule wants one of some words.
func choiceRule(words []string) func(any) *problem {
	return func(v any) *problem {
		s, _ := v.(string)
		if slices.Contains(words, s) {
			return nil
		}
		all := strings.Join(words, ", ")
		if len(words) == 1 {
			return bad("write "+all+", or remove the line", "must be %s, this is %q", all, shorten(s))
		}
		return bad(meant(s, words, "write one of "+all), "must be one of %s, this is %q", all, shorten(s))
	}
}

// slashed gives a path as fs.FS wants it.
func slashed(s string) string { return path.Clean(strings.ReplaceAll(s, `\`, "/")) }

// insideRule wants a folder of the repository.
func insideRule(v any) *problem {
	s, _ := v.(string)
	clean := slashed(s)
	if s == "" || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || drive.MatchString(s) {
		return bad("write a path from the repository's root, such as flows", "must lie inside the repository, this is %q", shorten(s))
	}
	return braces(s)
}

// mostBraces are allowed in a pattern: each pair doubles what has to be tried.
const mostBraces = 8

func braces(s string) *problem {
	if strings.Count(s, "{") > mostBraces {
		return bad("write several patterns", "is no valid pattern: %q has more than %d braces", shorten(s), mostBraces)
	}
	return nil
}

func globRule(v any) *problem {
	s, _ := v.(string)
	if p := braces(s); p != nil {
		return p
	}
	if _, err := path.Match(s, ""); err != nil {
		return bad(`escape it as \[, or close the bracket`, "is no valid pattern: %q has a bracket without its partner", shorten(s))
	}
	return nil
}

// drive is the start of an absolute path on Windows.
var drive = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)

func absoluteRule(v any) *problem {
	if s, _ := v.(string); !strings.HasPrefix(s, "/") && !drive.MatchString(s) {
		return bad("write the full path on the worker's host, such as directory: /srv/robots",
			"must be an absolute path, as a worker starts in a folder of its own; this is %q", shorten(s))
	}
	return nil
}

func tagRule(v any) *problem {
	s, _ := v.(string)
	switch {
	case strings.TrimSpace(s) == "":
		return bad("remove it", "is empty")
	case strings.HasPrefix(s, "flowmage:"):
		return bad("choose another tag", "must not start with flowmage:, by which deployments are known as ours; this is %q", shorten(s))
	}
	return nil
}

func leastRule(least int) func(any) *problem {
	return func(v any) *problem {
		if i, _ := v.(int); i < least {
			return &problem{
				code: outOfRange, message: fmt.Sprintf("must be at least %d, this is %d", least, i),
				fix: fmt.Sprintf("write %d or more, or remove the line for no limit", least),
			}
		} else if i > math.MaxInt32 {
			return &problem{
				code: outOfRange, message: fmt.Sprintf("must be at most %d, which the server keeps in 32 bits, this is %d", math.MaxInt32, i),
				fix: "write a smaller one, or remove the line for no limit",
			}
		}
		return nil
	}
}
