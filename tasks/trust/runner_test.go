package trust_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/trust"
)

// Each CI system tells the branch in its own variables; HEAD in a value stands for the commit that is checked out, OTHER for another one.
func TestChecked(t *testing.T) {
	t.Parallel()
	const head, other = "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"
	github, gitlab := "GITHUB_ACTIONS=true GITHUB_SHA=HEAD ", "GITLAB_CI=true CI_COMMIT_SHA=HEAD "
	merge := gitlab + "CI_MERGE_REQUEST_IID=1 CI_MERGE_REQUEST_PROJECT_ID=1 CI_MERGE_REQUEST_SOURCE_PROJECT_ID=1 "
	buildkite, azure, jenkins := "BUILDKITE=true BUILDKITE_COMMIT=HEAD BUILDKITE_REPO=git@github.com:acme/robots.git ", "TF_BUILD=True BUILD_SOURCEVERSION=HEAD ", "JENKINS_URL=http://j GIT_COMMIT=HEAD "
	for name, x := range map[string]struct{ environ, branch, pull, system string }{
		"nobody":                       {"PATH=/bin", "", "", ""},
		"GitHub":                       {github + "GITHUB_REF=refs/heads/main GITHUB_REF_NAME=main", "main", "", "GitHub Actions"},
		"GitHub, a branch with parts":  {github + "GITHUB_REF=refs/heads/release/1.0", "release/1.0", "", "GitHub Actions"},
		"GitHub, by type and name":     {github + "GITHUB_REF_TYPE=branch GITHUB_REF_NAME=main", "main", "", "GitHub Actions"},
		"GitHub, a tag called main":    {github + "GITHUB_REF=refs/tags/main GITHUB_REF_TYPE=tag GITHUB_REF_NAME=main", "", "", "GitHub Actions"},
		"GitHub, a pull request":       {github + "GITHUB_EVENT_NAME=pull_request GITHUB_REF=refs/pull/1/merge GITHUB_REF_NAME=1/merge GITHUB_HEAD_REF=topic GITHUB_BASE_REF=main", "", "topic", "GitHub Actions"},
		"GitHub, one from main":        {github + "GITHUB_REF=refs/pull/1/merge GITHUB_HEAD_REF=main GITHUB_BASE_REF=develop", "", "main", "GitHub Actions"},
		"GitHub, its target":           {github + "GITHUB_EVENT_NAME=pull_request_target GITHUB_REF=refs/heads/main GITHUB_REF_NAME=main GITHUB_HEAD_REF=topic", "", "topic", "GitHub Actions"},
		"GitHub, without a source":     {github + "GITHUB_EVENT_NAME=pull_request_target GITHUB_REF=refs/heads/main", "", "", "GitHub Actions"},
		"GitHub, another checkout":     {"GITHUB_ACTIONS=true GITHUB_SHA=OTHER GITHUB_REF=refs/heads/main", "", "", ""},
		"GitHub, no commit":            {"GITHUB_ACTIONS=true GITHUB_REF=refs/heads/main", "", "", ""},
		"GitHub, a commit's beginning": {"GITHUB_ACTIONS=true GITHUB_SHA=1111111 GITHUB_REF=refs/heads/main", "", "", ""},
		"no mark of a system":          {"GITHUB_SHA=HEAD GITHUB_REF=refs/heads/main CI_COMMIT_SHA=HEAD CI_COMMIT_BRANCH=main", "", "", ""},
		"GitLab":                       {gitlab + "CI_COMMIT_BRANCH=main CI_COMMIT_REF_NAME=main", "main", "", "GitLab CI"},
		"GitLab, a tag called main":    {gitlab + "CI_COMMIT_TAG=main CI_COMMIT_REF_NAME=main", "", "", "GitLab CI"},
		"GitLab, a merge request":      {merge + "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=topic CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_MERGE_REQUEST_EVENT_TYPE=detached", "topic", "", "GitLab CI"},
		"GitLab, merged results":       {merge + "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=topic CI_MERGE_REQUEST_EVENT_TYPE=merged_result CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=OTHER", "", "topic", "GitLab CI"},
		"GitLab, a train":              {merge + "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main CI_MERGE_REQUEST_EVENT_TYPE=merge_train", "", "main", "GitLab CI"},
		"GitLab, a trusted fork's":     {gitlab + "CI_MERGE_REQUEST_PROJECT_ID=1 CI_MERGE_REQUEST_SOURCE_PROJECT_ID=2 CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main", "", "main", "GitLab CI"},
		"Woodpecker's target":          {"CI=woodpecker CI_COMMIT_SHA=HEAD CI_COMMIT_BRANCH=main", "", "", ""},
		"Drone's target":               {"DRONE=true DRONE_COMMIT=HEAD DRONE_BRANCH=main", "", "", ""},
		"Buildkite":                    {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=false", "main", "", "Buildkite"},
		"Buildkite, a tag":             {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_TAG=main", "", "", "Buildkite"},
		"Buildkite, a pull request":    {buildkite + "BUILDKITE_BRANCH=topic BUILDKITE_PULL_REQUEST=7 BUILDKITE_PULL_REQUEST_REPO=https://github.com/acme/robots", "topic", "", "Buildkite"},
		"Buildkite, a fork's main":     {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=7 BUILDKITE_PULL_REQUEST_REPO=https://github.com/stranger/robots", "", "main", "Buildkite"},
		"Buildkite, on another host":   {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=7 BUILDKITE_PULL_REQUEST_REPO=https://example.com/acme/robots.git", "", "main", "Buildkite"},
		"Buildkite, of nobody":         {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=7", "", "main", "Buildkite"},
		"Buildkite, a merge":           {buildkite + "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=7 BUILDKITE_PULL_REQUEST_REPO=git@github.com:acme/robots.git BUILDKITE_PULL_REQUEST_USING_MERGE_REFSPEC=true", "", "main", "Buildkite"},
		"Buildkite, no hash":           {"BUILDKITE=true BUILDKITE_COMMIT=newest BUILDKITE_BRANCH=main", "", "", ""},
		"CircleCI":                     {"CIRCLECI=true CIRCLE_SHA1=HEAD CIRCLE_BRANCH=main", "main", "", "CircleCI"},
		"CircleCI, a fork's":           {"CIRCLECI=true CIRCLE_SHA1=HEAD CIRCLE_BRANCH=pull/12 CIRCLE_PR_NUMBER=12", "", "", "CircleCI"},
		"CircleCI, a fork's main":      {"CIRCLECI=true CIRCLE_SHA1=HEAD CIRCLE_BRANCH=main CIRCLE_PR_NUMBER=12", "", "", "CircleCI"},
		"Bitbucket":                    {"BITBUCKET_BUILD_NUMBER=1 BITBUCKET_COMMIT=HEAD BITBUCKET_BRANCH=main", "main", "", "Bitbucket Pipelines"},
		"Bitbucket, a tag":             {"BITBUCKET_BUILD_NUMBER=1 BITBUCKET_COMMIT=HEAD BITBUCKET_TAG=main", "", "", "Bitbucket Pipelines"},
		"Bitbucket, a pull request":    {"BITBUCKET_BUILD_NUMBER=1 BITBUCKET_COMMIT=HEAD BITBUCKET_BRANCH=main BITBUCKET_PR_ID=3 BITBUCKET_PR_DESTINATION_BRANCH=develop", "", "main", "Bitbucket Pipelines"},
		"Azure":                        {azure + "BUILD_SOURCEBRANCH=refs/heads/release/2 BUILD_SOURCEBRANCHNAME=2 BUILD_REASON=IndividualCI", "release/2", "", "Azure Pipelines"},
		"Azure, a name's last part":    {azure + "BUILD_SOURCEBRANCH=refs/heads/topic/main BUILD_SOURCEBRANCHNAME=main", "topic/main", "", "Azure Pipelines"},
		"Azure, a tag":                 {azure + "BUILD_SOURCEBRANCH=refs/tags/main BUILD_SOURCEBRANCHNAME=main", "", "", "Azure Pipelines"},
		"Azure, a pull request":        {azure + "BUILD_REASON=PullRequest BUILD_SOURCEBRANCH=refs/pull/4/merge SYSTEM_PULLREQUEST_SOURCEBRANCH=refs/heads/topic SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/main", "", "topic", "Azure Pipelines"},
		"Jenkins":                      {jenkins + "BRANCH_NAME=main GIT_BRANCH=main", "main", "", "Jenkins"},
		"Jenkins, by the remote":       {jenkins + "GIT_BRANCH=origin/main", "main", "", "Jenkins"},
		"Jenkins, by the full name":    {jenkins + "GIT_BRANCH=refs/remotes/origin/main", "main", "", "Jenkins"},
		"Jenkins, a nested name":       {jenkins + "BRANCH_NAME=origin/main GIT_BRANCH=origin/main", "origin/main", "", "Jenkins"},
		"Jenkins, another remote":      {jenkins + "GIT_BRANCH=stranger/main", "", "", "Jenkins"},
		"Jenkins, detached":            {jenkins + "GIT_BRANCH=detached", "", "", "Jenkins"},
		"Jenkins, a pull request":      {jenkins + "BRANCH_NAME=PR-3 CHANGE_ID=3 CHANGE_BRANCH=main CHANGE_TARGET=develop", "", "main", "Jenkins"},
		"Jenkins, one without source":  {jenkins + "BRANCH_NAME=main CHANGE_ID=3", "", "", "Jenkins"},
		"Jenkins, a tag":               {jenkins + "BRANCH_NAME=main TAG_NAME=main", "", "", "Jenkins"},
		"two that agree":               {gitlab + "CI_COMMIT_BRANCH=main " + jenkins + "BRANCH_NAME=main", "main", "", "GitLab CI"},
		"two that don't":               {gitlab + "CI_COMMIT_BRANCH=topic " + jenkins + "BRANCH_NAME=main", "", "", "GitLab CI and Jenkins"},
		"one of another commit":        {"GITLAB_CI=true CI_COMMIT_SHA=OTHER CI_COMMIT_BRANCH=topic " + jenkins + "BRANCH_NAME=main", "main", "", "Jenkins"},
		"set twice":                    {github + "GITHUB_REF=refs/heads/topic GITHUB_SHA=OTHER GITHUB_REF=refs/heads/main", "", "", ""},
		"no name of a branch":          {github + "GITHUB_REF=refs/heads/main..x", "", "", ""},
		"an expression":                {gitlab + "CI_COMMIT_BRANCH=-c", "", "", ""},
		"a pattern":                    {gitlab + "CI_COMMIT_BRANCH=*", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := strings.Fields(strings.NewReplacer("=HEAD", "="+head, "=OTHER", "="+other).Replace(x.environ))
			if diff := cmp.Diff(trust.Checkout{System: x.system, Branch: x.branch, Pull: x.pull}, trust.Checked(environ, head)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := trust.Checked([]string{"GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main", "GITHUB_SHA="}, ""); got != (trust.Checkout{}) {
		t.Errorf("without a commit: %+v", got)
	}
}
