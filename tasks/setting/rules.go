package setting

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Prefect Cloud's addresses (Prefect: settings, cloud/).
const (
	CloudAPI = "https://api.prefect.cloud/api/"
	CloudUI  = "https://app.prefect.cloud/"
)

// The codes of values of the right type that are no good.
const (
	badValue   = "value-bad"
	outOfRange = "value-range"
)

func bad(fix, format string, args ...any) *Problem {
	return &Problem{Code: badValue, Message: fmt.Sprintf(format, args...), Fix: fix}
}

// fits wants a text of some form; format tells what is wrong with another one, which it ends with.
func fits(v any, form *pattern.Pattern, fix, format string) *Problem {
	if s, _ := v.(string); !form.MatchString(s) {
		return bad(fix, format, Shorten(s))
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
var projectName = pattern.New(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// notProject is what a project's name can't hold.
var notProject = pattern.New(`[^A-Za-z0-9._-]+`)

// ProjectFrom makes a project's name from the last element of an address or path.
func ProjectFrom(address string) string {
	address = strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(address), `/\`), ".git")
	last := address[strings.LastIndexAny(address, `/\:`)+1:]
	return cmp.Or(Plain(last), "project")
}

// Plain gives a text with nothing in it that the name of a project can't hold.
func Plain(text string) string { return strings.Trim(notProject.ReplaceAllString(text, "-"), "-._") }

func projectRule(v any) *Problem {
	if s, _ := v.(string); !projectName.MatchString(s) {
		return bad("write project: "+ProjectFrom(s), "must be letters, digits, dots, dashes and underscores, this is %q", Shorten(s))
	}
	return nil
}

func webRule(v any) *Problem {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return bad("write https:// in front of the host's name", "must be an address with http:// or https://, this is %q", Shorten(s))
	}
	if secret.InAddress(s) {
		return bad("take user and password out of it, and set the variable PREFECT_API_AUTH_STRING",
			"holds credentials, and files are for everybody to read")
	}
	return nil
}

// apiRule wants what Prefect's client wants as PREFECT_API_URL.
func apiRule(v any) *Problem {
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
	return bad("write url: "+u.Scheme+"://"+u.Host+"/api", "must end in /api, this is %q", Shorten(s))
}

// The addresses of a Cloud workspace: of its API, and of its pages.
var (
	workspaceAPI   = pattern.New(`^https://api\.prefect\.cloud/api/accounts/[^/?#]+/workspaces/[^/?#]+/*$`)
	workspacePages = pattern.New(`^https?://app\.prefect\.cloud/account/([^/?#]+)/workspace/([^/?#]+)`)
)

func cloudRule(s string) *Problem {
	if workspaceAPI.MatchString(s) {
		return nil
	}
	if m := workspacePages.FindStringSubmatch(s); m != nil {
		return bad("write url: "+CloudAPI+"accounts/"+m[1]+"/workspaces/"+m[2], "is the address of the Cloud's pages, not of its API")
	}
	return bad("write url: "+CloudAPI+"accounts/ACCOUNT/workspaces/WORKSPACE, as `prefect config view` shows it",
		"must name an account and a workspace, this is %q", Shorten(s))
}

// placeholder is a name in braces.
var placeholder = pattern.New(`\{([^{}]*)\}`)

func namingRule(v any) *Problem {
	s, _ := v.(string)
	known := []string{"{flow}", "{kind}", "{env}", "{project}"}
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(known, m[0]) {
			return bad(Meant(m[0], known, "use {flow}, {kind}, {env}, {project}"), "has the unknown placeholder %s", m[0])
		}
	}
	rest := placeholder.ReplaceAllString(s, "")
	switch {
	case !strings.Contains(s, "{flow}"):
		return bad(`write naming: "{flow}-{kind}-{env}"`, "must hold {flow}, or all deployments had one name; this is %q", Shorten(s))
	case strings.ContainsAny(rest, "{}"):
		return bad("use {flow}, {kind}, {env}, {project}", "has a brace without its partner: %q", Shorten(s))
	}
	return nameRule(s)
}

// nameRule wants a name that Prefect accepts; its server answers others with an internal error.
func nameRule(v any) *Problem {
	if s, _ := v.(string); strings.ContainsAny(s, "/%&><") {
		return bad("leave these characters out", "must not hold any of / %% & > <, this is %q", Shorten(s))
	}
	return nil
}

// PoolName also refuses what Prefect keeps for itself (Prefect: server/api/workers.py).
func PoolName(v any) *Problem {
	s, _ := v.(string)
	if strings.HasPrefix(strings.ToLower(s), "prefect") {
		return bad("give it another name", `must not start with "prefect": Prefect keeps those names for itself; this is %q`, Shorten(s))
	}
	if s == "" {
		return bad("give it a name, or remove the line", "is empty")
	}
	return nameRule(v)
}

// choiceRule wants one of some words.
func choiceRule(words []string) func(any) *Problem {
	return func(v any) *Problem {
		s, _ := v.(string)
		if slices.Contains(words, s) {
			return nil
		}
		all := strings.Join(words, ", ")
		if len(words) == 1 {
			return bad("write "+all+", or remove the line", "must be %s, this is %q", all, Shorten(s))
		}
		return bad(Meant(s, words, "write one of "+all), "must be one of %s, this is %q", all, Shorten(s))
	}
}

// Slashed gives a path as fs.FS wants it.
func Slashed(s string) string { return path.Clean(strings.ReplaceAll(s, `\`, "/")) }

// insideRule wants a folder of the repository.
func insideRule(v any) *Problem {
	s, _ := v.(string)
	clean := Slashed(s)
	if s == "" || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || drive.MatchString(s) {
		return bad("write a path from the repository's root, such as flows", "must lie inside the repository, this is %q", Shorten(s))
	}
	return braces(s)
}

// mostBraces are allowed in a pattern: each pair doubles what has to be tried.
const mostBraces = 8

func braces(s string) *Problem {
	if strings.Count(s, "{") > mostBraces {
		return bad("write several patterns", "is no valid pattern: %q has more than %d braces", Shorten(s), mostBraces)
	}
	return nil
}

func globRule(v any) *Problem {
	s, _ := v.(string)
	if p := braces(s); p != nil {
		return p
	}
	if _, err := path.Match(s, ""); err != nil {
		return bad(`escape it as \[, or close the bracket`, "is no valid pattern: %q has a bracket without its partner", Shorten(s))
	}
	return nil
}

// drive is the start of an absolute path on Windows.
var drive = pattern.New(`^([A-Za-z]:[\\/]|\\\\)`)

func absoluteRule(v any) *Problem {
	if s, _ := v.(string); !strings.HasPrefix(s, "/") && !drive.MatchString(s) {
		return bad("write the full path on the worker's host, such as directory: /srv/robots",
			"must be an absolute path, as a worker starts in a folder of its own; this is %q", Shorten(s))
	}
	return nil
}

func tagRule(v any) *Problem {
	s, _ := v.(string)
	switch {
	case strings.TrimSpace(s) == "":
		return bad("remove it", "is empty")
	case strings.HasPrefix(s, "flowmage:"):
		return bad("choose another tag", "must not start with flowmage:, by which deployments are known as ours; this is %q", Shorten(s))
	}
	return nil
}

func leastRule(least int) func(any) *Problem {
	return func(v any) *Problem {
		if i, _ := v.(int); i < least {
			return &Problem{
				Code: outOfRange, Message: fmt.Sprintf("must be at least %d, this is %d", least, i),
				Fix: fmt.Sprintf("write %d or more, or remove the line for no limit", least),
			}
		} else if i > math.MaxInt32 {
			return &Problem{
				Code: outOfRange, Message: fmt.Sprintf("must be at most %d, which the server keeps in 32 bits, this is %d", math.MaxInt32, i),
				Fix: "write a smaller one, or remove the line for no limit",
			}
		}
		return nil
	}
}
func inRange(low, high int) func(any) *Problem {
	return func(v any) *Problem {
		if i, _ := v.(int); i < low || i > high {
			return &Problem{
				Code: outOfRange, Message: fmt.Sprintf("must be from %d to %d, this is %d", low, high, i),
				Fix: "write a number in that range, or remove the line for the default",
			}
		}
		return nil
	}
}

// quantity is a size in Kubernetes' own form (Kubernetes: api/resource).
var quantity = pattern.New(`^[1-9]\d*(?:Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$`)

func diskRule(v any) *Problem {
	return fits(v, quantity, "write storage: 10Gi", "must be a size as Kubernetes wants it, this is %q")
}

// Shorten keeps messages to a line.
func Shorten(s string) string {
	const most = 60
	s = secret.Address(s) // the end of a password may lie behind the cut
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// Meant puts a near name in front of a fix.
func Meant(word string, names []string, fix string) string {
	return finding.Meant(finding.Nearest(word, names), fix)
}
