package trust

import (
	"regexp"
	"strings"
)

// BaseVariable names the base where no CI system does: a commit, or a branch of the remote origin.
const BaseVariable = "FLOWMAGE_BASE"

// Base is a commit that the pull request is to be merged into, as somebody outside of the repository names it.
type Base struct {
	Name  string // for git: a commit's hash, or a full reference
	Shown string // for people
	Fetch string // the command that brings it here
}

var (
	hash = regexp.MustCompile(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)
	// forbidden is what git allows in no name of a branch, and what would make an expression of one.
	forbidden = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|^[-/.]|[/.]$|\.lock$|//|/\.`)
)

// Bases gives the commits that may be the base, the surest first: what the variable names, the commit that the CI system names, the branch that it
// names, and without any of them the default branch of the remote.
func Bases(environ []string, root string) []Base {
	v := variables(environ)
	var out []Base
	add := func(name string) {
		switch {
		case hash.MatchString(name):
			out = append(out, Base{name, name[:9], "git fetch --no-tags --depth=1 origin " + name})
		case name != "" && !forbidden.MatchString(name):
			name = strings.TrimPrefix(strings.TrimPrefix(name, "refs/heads/"), "refs/remotes/origin/")
			out = append(out, Base{
				"refs/remotes/origin/" + name, "origin/" + name, "git fetch --no-tags --depth=1 origin +refs/heads/" + name + ":refs/remotes/origin/" + name,
			})
		}
	}
	if named := v.get(BaseVariable); named != "" {
		add(named)
		return out
	}
	if file := v.get("GITHUB_EVENT_PATH"); file != "" {
		if e, err := readEvent(file, root); err == nil && e.PullRequest != nil {
			add(e.PullRequest.Base.SHA)
		}
	}
	add(v.get("GITHUB_BASE_REF"))
	add(v.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
	add(v.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"))
	if len(out) == 0 {
		out = append(out, Base{"refs/remotes/origin/HEAD", "origin/HEAD", "git remote set-head origin --auto"})
	}
	return out
}
