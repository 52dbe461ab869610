package check

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Situation is what the guards look at.
type Situation struct {
	Commit  string            // of HEAD; "" outside a repository
	Branch  string            // "" when HEAD is detached, and no CI system's runner has told it
	Pull    string            // the branch of the pull request that HEAD was made of for trial
	Changed []string          // files with changes in no commit, without those that this tool renders
	Images  map[string]string // by deployment
	Server  string            // the API's address
	Dev     string            // that of dev, "" when it has none yet
}

// Guards gives an error for each guard of the environment that refuses. Each tells how to switch it off.
func Guards(env config.Env, s Situation) finding.List {
	var out finding.List
	refuse := func(guard, message, why, fix string) {
		key := "guards." + guard
		at := env.Origin(key)
		if at.IsDefault() {
			at.Position = finding.Position{File: "envs/" + env.Name + ".yaml"}
		}
		out = append(out, catalogue.New("guard", finding.Surroundings(), finding.Finding{
			Position: at.Keyed(key), Message: message, Why: why,
			Fix: fmt.Sprintf("%s; to go without this guard, change %s", fix, key),
		}))
	}
	if env.Guards.CleanTree {
		switch {
		case s.Commit == "":
			refuse("clean_tree", "this is no git repository with a commit", "nobody could tell later what was deployed", "deploy from a clone")
		case len(s.Changed) > 0:
			refuse("clean_tree", "changes that are in no commit: "+some(s.Changed), "nobody could tell later what was deployed", "commit them")
		}
	}
	if s.Commit != "" && !allowed(env.Guards.Branches, s.Branch) {
		where := "the branch " + s.Branch
		switch {
		case s.Branch == "" && s.Pull != "":
			where = "a trial merge of a pull request from " + s.Pull
		case s.Branch == "":
			where = "a commit without a branch"
		}
		refuse("branches", fmt.Sprintf("deploys to %s come from %s, this is %s", env.Name, strings.Join(env.Guards.Branches, " or "), where),
			"what was not merged is not reviewed", "check out the branch")
	}
	if env.Guards.PinnedImages {
		for _, name := range slices.Sorted(maps.Keys(s.Images)) {
			if image := s.Images[name]; mutable(image) {
				refuse("pinned_images", fmt.Sprintf("%s runs the image %s, whose tag can be moved", name, image),
					"what runs tomorrow may be something else", "name a digest (image@sha256:…)")
			}
		}
	}
	if env.Guards.OwnServer && s.Dev != "" && sameServer(s.Server, s.Dev) {
		refuse("own_server", s.Server+" is dev's server too", "what is tried out in dev would stand beside it, and its workers could pick it up",
			"give the environments servers of their own")
	}
	return out
}

// allowed tells whether a branch fits one of the patterns. No patterns allow any.
func allowed(patterns []string, branch string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, branch)
		return ok && err == nil
	})
}

// some gives the first few of many names.
func some(names []string) string {
	first, more := finding.Few(names, 3)
	return strings.Join(first, ", ") + more
}

// contents is a tag that is made from what is in the image, as this tool makes them.
var contents = pattern.New(`:[0-9a-f]{12,64}$`)

// mutable tells whether an image's name may mean another image tomorrow.
func mutable(image string) bool {
	return image != "" && !strings.Contains(image, "{{") && !strings.Contains(image, "@sha256:") && !contents.MatchString(image)
}

// sameServer tells whether two addresses are those of one server.
func sameServer(a, b string) bool {
	x, errX := url.Parse(strings.TrimRight(a, "/"))
	y, errY := url.Parse(strings.TrimRight(b, "/"))
	return errX == nil && errY == nil && credential.Machine(x.Hostname()) == credential.Machine(y.Hostname()) && x.Port() == y.Port() && x.Path == y.Path
}
