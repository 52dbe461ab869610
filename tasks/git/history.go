package git

import (
	"context"
	"slices"
	"strings"
)

// History is what a clone elsewhere would find of some files.
type History struct {
	Commits  map[string]string // by key: the newest commit that touched one of its files; none when they are in no commit
	Unpushed map[string]bool   // commits that the remote does not have, as far as is known here
	Shallow  bool              // older commits are not here, so that the newest may be blamed for everything
	Prefix   string            // where the root lies below the top of the work tree, "" at the top
	NoBranch bool              // the branch is not known of the remote
}

// History asks for sets of files, each under a key; paths count from the root. branch is the remote's; with "" any of its branches will do.
// The history is read once, whatever the number of files.
func (r Repository) History(ctx context.Context, sets map[string][]string, branch string) (History, error) {
	h := History{Commits: map[string]string{}, Unpushed: map[string]bool{}}
	out, err := r.ask(ctx, "rev-parse", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return h, err
	}
	shallow, prefix, _ := strings.Cut(strings.TrimSpace(out), "\n")
	h.Shallow, h.Prefix = shallow == "true", prefix
	log, err := r.ask(ctx, "log", "--format=%x00%H", "--name-only", "--no-renames", "--relative", "--", ".")
	if err != nil {
		return h, err
	}
	h.Commits = newest(log, sets)
	not := []string{"rev-list", "HEAD", "--not", "--remotes=origin"}
	if branch != "" {
		not[3] = "refs/remotes/origin/" + branch
		known, err := r.ask(ctx, "for-each-ref", "--format=%(refname)", not[3])
		if h.NoBranch = strings.TrimSpace(known) != not[3]; h.NoBranch || err != nil {
			return h, err
		}
	}
	ahead, err := r.ask(ctx, not...)
	for commit := range strings.FieldsSeq(ahead) {
		h.Unpushed[commit] = true
	}
	return h, err
}

// newest gives for each set the first commit in the log that names one of its files.
func newest(log string, sets map[string][]string) map[string]string {
	wanted := map[string][]string{} // keys by file
	for key, files := range sets {
		for _, f := range files {
			wanted[f] = append(wanted[f], key)
		}
	}
	out := map[string]string{}
	for block := range strings.SplitSeq(log, "\x00") {
		commit, files, _ := strings.Cut(block, "\n")
		for file := range strings.Lines(files) {
			for _, key := range wanted[strings.TrimRight(file, "\r\n")] {
				if out[key] == "" {
					out[key] = commit
				}
			}
		}
		if len(out) == len(sets) {
			break
		}
	}
	return out
}

// Branches gives the names of all branches here, and of those that the remote origin had when it was asked last.
func (r Repository) Branches(ctx context.Context) ([]string, error) {
	out, err := r.ask(ctx, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
	if err != nil {
		return nil, err
	}
	var names []string
	for ref := range strings.FieldsSeq(out) {
		name := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/remotes/origin/")
		if name != "HEAD" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Tracks tells whether git keeps a file, or anything of a folder. Where git can't be asked nothing is kept.
func (r Repository) Tracks(ctx context.Context, path string) bool {
	out, err := r.ask(ctx, "ls-files", "-z", "--", path)
	return err == nil && out != ""
}

// Tracked gives those of the files that git keeps.
func (r Repository) Tracked(ctx context.Context, files ...string) (map[string]bool, error) {
	out, err := r.ask(ctx, append([]string{"ls-files", "--"}, files...)...)
	if err != nil {
		return nil, err
	}
	tracked := map[string]bool{}
	for file := range strings.Lines(out) {
		tracked[strings.TrimRight(file, "\r\n")] = true
	}
	return tracked, nil
}
