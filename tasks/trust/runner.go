package trust

import (
	"cmp"
	"strings"
)

// Checkout is what a CI system's runner says of the commit that it has checked out.
type Checkout struct {
	System string // whose runner it is; "" where none says anything of this commit
	Branch string // whose newest commit was that; "" for a tag, for a pull request that was merged for trial, or where runners disagree
	Pull   string // the branch that a pull request comes from, where there is no Branch: fit for names, not for guards
}

// runner is what one CI system says.
type runner struct {
	system         string
	commit, branch string
	pull           string // the source of a pull request
	merged         bool   // the commit is a merge that nobody has made, of a pull request into its target: it is neither of the two
}

// Checked gives what the runner says of a commit, which is the one that is checked out, for a clone in which git itself names no branch. A runner is believed
// only if the commit that it names is that very one: variables that were inherited from another job, or set for another checkout, say nothing.
//
// A stranger names branches as he likes, main among them: in a repository that is not trusted nobody asks this.
func Checked(environ []string, commit string) Checkout {
	var out Checkout
	for _, r := range variables(environ).runners() {
		if commit == "" || !strings.EqualFold(r.commit, commit) || forbidden.MatchString(r.branch) || forbidden.MatchString(r.pull) {
			continue
		}
		if r.merged {
			r.branch, r.pull = "", cmp.Or(r.pull, r.branch)
		} else if r.branch != "" {
			r.pull = ""
		}
		next := Checkout{r.system, r.branch, r.pull}
		if out.System != "" && (out.Branch != next.Branch || out.Pull != next.Pull) {
			return Checkout{System: out.System + " and " + next.System}
		}
		if out.System == "" {
			out = next
		}
	}
	return out
}

// runners gives what each system says whose mark is there.
func (v variables) runners() []runner {
	var out []runner
	for _, system := range []struct {
		mark, value string // "" for any
		read        func() runner
	}{
		{"GITHUB_ACTIONS", "true", v.githubRunner},
		{"GITLAB_CI", "true", v.gitlabRunner},
		{"BUILDKITE", "true", v.buildkite},
		{"CIRCLECI", "true", v.circle},
		{"BITBUCKET_BUILD_NUMBER", "", v.bitbucket},
		{"TF_BUILD", "true", v.azure},
		{"JENKINS_URL", "", v.jenkins},
	} {
		if said := v.get(system.mark); said != "" && (system.value == "" || strings.EqualFold(said, system.value)) {
			out = append(out, system.read())
		}
	}
	return out
}

// githubRunner: of a pull request GITHUB_SHA is the trial merge, and with pull_request_target the target's commit. In both cases it is not the source's. A tag
// has the same GITHUB_REF_NAME as a branch may have.
func (v variables) githubRunner() runner {
	r := runner{system: "GitHub Actions", commit: v.get("GITHUB_SHA"), pull: v.get("GITHUB_HEAD_REF")}
	ref := v.get("GITHUB_REF")
	if ref == "" && v.get("GITHUB_REF_TYPE") == "branch" {
		ref = "refs/heads/" + v.get("GITHUB_REF_NAME")
	}
	r.branch, _ = under("refs/heads/", ref)
	if r.pull != "" || strings.HasPrefix(v.get("GITHUB_EVENT_NAME"), "pull_request") || strings.HasPrefix(ref, "refs/pull/") {
		r.branch, r.merged = "", true
	}
	return r
}

// gitlabRunner: CI_COMMIT_BRANCH is not there for tags and merge requests. Of a merge request CI_COMMIT_SHA is the source's newest commit, unless the pipeline
// is one of merged results or a train.
func (v variables) gitlabRunner() runner {
	r := runner{system: "GitLab CI", commit: v.get("CI_COMMIT_SHA"), branch: v.get("CI_COMMIT_BRANCH")}
	if source := v.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"); source != "" {
		kind, head := v.get("CI_MERGE_REQUEST_EVENT_TYPE"), v.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
		r.branch, r.pull = source, source
		r.merged = v.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != v.get("CI_MERGE_REQUEST_PROJECT_ID") || kind != "" && kind != "detached" || head != "" && !strings.EqualFold(head, r.commit)
	} else if v.get("CI_MERGE_REQUEST_IID") != "" || v.get("CI_COMMIT_TAG") != "" {
		r.branch = ""
	}
	return r
}

// buildkite: BUILDKITE_BRANCH is a tag's name for tags, and may be that of a fork's branch for pull requests.
func (v variables) buildkite() runner {
	r := runner{system: "Buildkite", commit: v.get("BUILDKITE_COMMIT"), branch: v.get("BUILDKITE_BRANCH")}
	switch pull := v.get("BUILDKITE_PULL_REQUEST"); {
	case v.get("BUILDKITE_TAG") != "":
		r.branch = ""
	case pull != "" && pull != "false":
		r.pull = r.branch
		own, theirs := v.get("BUILDKITE_REPO"), v.get("BUILDKITE_PULL_REQUEST_REPO")
		r.merged = v.get("BUILDKITE_PULL_REQUEST_USING_MERGE_REFSPEC") == "true" || theirs == "" || bare(own) != bare(theirs)
	}
	return r
}

// bare gives what the spellings of a repository's address have in common: host and path.
func bare(address string) string {
	address = strings.ToLower(strings.TrimSuffix(strings.TrimRight(address, "/"), ".git"))
	if _, rest, has := strings.Cut(address, "://"); has {
		address = rest
	}
	if who, rest, has := strings.Cut(address, "@"); has && !strings.Contains(who, "/") {
		address = rest
	}
	return strings.Join(strings.FieldsFunc(address, func(c rune) bool { return c == '/' || c == ':' }), "/")
}

// circle: a fork's pull request has pull/NUMBER for a branch, and a tag has none.
func (v variables) circle() runner {
	r := runner{system: "CircleCI", commit: v.get("CIRCLE_SHA1"), branch: v.get("CIRCLE_BRANCH")}
	if v.get("CIRCLE_PR_NUMBER") != "" || v.get("CIRCLE_TAG") != "" || strings.HasPrefix(r.branch, "pull/") {
		r.branch = ""
	}
	return r
}

// bitbucket merges the target into what it has checked out of a pull request. Where nothing was to be merged the commit is the source's, wherever that lies.
func (v variables) bitbucket() runner {
	r := runner{system: "Bitbucket Pipelines", commit: v.get("BITBUCKET_COMMIT"), branch: v.get("BITBUCKET_BRANCH")}
	if v.get("BITBUCKET_TAG") != "" {
		r.branch = ""
	}
	r.merged = v.get("BITBUCKET_PR_ID") != ""
	return r
}

// azure: BUILD_SOURCEBRANCHNAME is a branch's last part alone, and of no use.
func (v variables) azure() runner {
	r := runner{system: "Azure Pipelines", commit: v.get("BUILD_SOURCEVERSION")}
	r.branch, _ = under("refs/heads/", v.get("BUILD_SOURCEBRANCH"))
	if strings.EqualFold(v.get("BUILD_REASON"), "PullRequest") || v.get("SYSTEM_PULLREQUEST_PULLREQUESTID") != "" {
		r.pull, _ = under("refs/heads/", v.get("SYSTEM_PULLREQUEST_SOURCEBRANCH"))
		r.branch, r.merged = "", true
	}
	return r
}

// jenkins: BRANCH_NAME is that of a multibranch project, PR-NUMBER for a pull request; without one GIT_BRANCH has the remote's name in front.
func (v variables) jenkins() runner {
	r := runner{system: "Jenkins", commit: v.get("GIT_COMMIT"), branch: v.get("BRANCH_NAME")}
	if r.branch == "" {
		r.branch, _ = under("origin/", strings.TrimPrefix(v.get("GIT_BRANCH"), "refs/remotes/"))
	}
	if v.get("CHANGE_ID") != "" || v.get("ghprbPullId") != "" {
		r.branch, r.pull, r.merged = "", cmp.Or(v.get("CHANGE_BRANCH"), v.get("ghprbSourceBranch")), true
	} else if v.get("TAG_NAME") != "" {
		r.branch = ""
	}
	return r
}

// under gives the name of a reference without its kind; "" for one of another kind.
func under(kind, ref string) (string, bool) {
	name, is := strings.CutPrefix(ref, kind)
	if !is {
		return "", false
	}
	return name, true
}
