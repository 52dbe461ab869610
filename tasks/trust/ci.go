package trust

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/tree"
)

// largestEvent bounds what is read of an event file: GitHub sends at most 25 MB.
const largestEvent = 32 << 20

// event is what GitHub tells of what started a workflow, as far as it says whose code may be checked out.
type event struct {
	Repository  *repository  `json:"repository"`
	PullRequest *pullRequest `json:"pull_request"`
	WorkflowRun *struct {
		Event string      `json:"event"`
		Head  *repository `json:"head_repository"`
		Base  *repository `json:"repository"`
	} `json:"workflow_run"`
	Issue *struct {
		PullRequest *struct{} `json:"pull_request"`
	} `json:"issue"`
}

type pullRequest struct {
	Head side `json:"head"`
	Base side `json:"base"`
}

type side struct {
	SHA        string      `json:"sha"`
	Repository *repository `json:"repo"` // null when it was deleted
}

type repository struct {
	ID   int64  `json:"id"`
	Name string `json:"full_name"`
}

// differs tells whether two are not known to be the same one.
func (r *repository) differs(other *repository) bool {
	if r == nil || other == nil || r.ID == 0 && r.Name == "" {
		return true
	}
	return r.ID != other.ID && r.ID != 0 && other.ID != 0 || !strings.EqualFold(r.Name, other.Name)
}

func (r *repository) String() string {
	if r == nil || r.Name == "" {
		return "a repository that is gone"
	}
	return r.Name
}

// github gives why the code is a stranger's by what GitHub's runner says, or "".
func (v variables) github(root string) string {
	name, file := v.get("GITHUB_EVENT_NAME"), v.get("GITHUB_EVENT_PATH")
	if name == "" && file == "" {
		return ""
	}
	e, err := readEvent(file, root)
	switch {
	case err == nil:
		return e.stranger(name)
	case concernsPulls(name):
		return fmt.Sprintf("the event %s may be a fork's: %v", name, err)
	}
	return ""
}

// concernsPulls tells whether an event may be about a pull request.
func concernsPulls(name string) bool {
	return strings.HasPrefix(name, "pull_request") || name == "workflow_run" || name == "issue_comment"
}

// stranger goes by what stands in the file, not by the event's name: others than pull_request carry a pull request too.
func (e event) stranger(name string) string {
	switch {
	case e.PullRequest != nil:
		if head := e.PullRequest.Head.Repository; head.differs(cmp.Or(e.PullRequest.Base.Repository, e.Repository)) {
			return fmt.Sprintf("it is a pull request from %s", head)
		}
	case e.WorkflowRun != nil:
		if head := e.WorkflowRun.Head; head.differs(cmp.Or(e.WorkflowRun.Base, e.Repository)) {
			return fmt.Sprintf("the workflow run was started by %s", head)
		}
	case e.Issue != nil && e.Issue.PullRequest != nil:
		return "it is about a comment on a pull request, and the event doesn't say whose code that is"
	case concernsPulls(name) && name != "issue_comment":
		return fmt.Sprintf("the event %s doesn't say whose code it is", name)
	}
	return ""
}

func readEvent(file, root string) (event, error) {
	var e event
	if file == "" {
		return e, errors.New("GITHUB_EVENT_PATH is not set")
	}
	if within(Top(root), file) {
		return e, errors.New("its file lies in the repository")
	}
	text, err := tree.Outside(file, largestEvent)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("%s can't be read as JSON: %w", file, err)
	}
	return e, nil
}

// gitlab gives why the code is a stranger's by what GitLab's runner says, or "".
func (v variables) gitlab() string {
	source, inside := v.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), v.get("CI_MERGE_REQUEST_IID")+v.get("CI_MERGE_REQUEST_ID")
	if source == "" {
		if inside == "" {
			return ""
		}
		return "it is a merge request from a project that is gone"
	}
	for _, name := range []string{"CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID"} {
		if own := v.get(name); own != "" && own != source {
			return fmt.Sprintf("it is a merge request from project %s to project %s", source, own)
		}
	}
	if v.get("CI_MERGE_REQUEST_PROJECT_ID")+v.get("CI_PROJECT_ID") == "" {
		return "it is a merge request, and nothing says to which project"
	}
	return ""
}

// BaseVariable names the base where no CI system does: a commit, or a branch of the remote origin.
const BaseVariable = "FLOWMAGE_BASE"

// Base is a commit that the pull request is to be merged into, as somebody outside of the repository names it.
type Base struct {
	Name  string // for git: a commit's hash, or a full reference
	Shown string // for people
	Fetch string // the command that brings it here
}

var (
	hash = pattern.New(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)
	// forbidden is what git allows in no name of a branch, and what would make an expression of one.
	forbidden = pattern.New(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|^[-/.]|[/.]$|\.lock$|//|/\.`)
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
