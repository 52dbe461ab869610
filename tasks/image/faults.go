package image

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/docker/docker/client"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// ErrNoBase says that an image to start from is neither here nor can be fetched.
var ErrNoBase = errors.New("the image to start from can't be fetched")

// unreachable tells why there is no daemon.
func unreachable(host string, err error) error {
	f := &fault.Error{Code: fault.Image, What: "Docker can't be reached", Where: host, Err: err}
	switch text := err.Error(); {
	case strings.Contains(text, "permission denied"):
		f.Why, f.Next = "you may not use its socket", "add yourself to the group docker and log in again: sudo usermod -aG docker $USER"
	case client.IsErrConnectionFailed(err), strings.Contains(text, "no such file"), strings.Contains(text, "connection refused"):
		f.Why = "no daemon listens there"
		f.Next = "start Docker (systemctl start docker, or Docker Desktop), or set DOCKER_HOST; without Docker: mage deploy:python"
	default:
		f.Next = "`docker info` should work; then try again"
	}
	return f
}

// failed tells of a request that the daemon did not answer well.
func (d *Docker) failed(doing string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if client.IsErrConnectionFailed(err) {
		return unreachable(d.host, err)
	}
	return &fault.Error{
		Code: fault.Image, What: doing + " failed", Where: d.host, Err: err, Next: "`docker info` and the daemon's log tell more; then run the same command again",
	}
}

var (
	copyMissing = pattern.New(`(?i)^(COPY|ADD) failed|file not found in build context|no source files were specified|failed to compute cache key`)
	wantedFile  = pattern.New(`stat /?(?:var/lib/docker/tmp/[^/]+/)?([^:\s]+): (?:file does not exist|no such file)`)
	noImage     = pattern.New(`(?i)pull access denied|manifest unknown|manifest for .* not found|no such image|repository does not exist|failed to resolve source metadata|(?:lookup|dial tcp) .*(?:no such host|refused|timeout|unreachable|server misbehaving)|Client\.Timeout|TLS handshake|x509`)
	noSpace     = pattern.New(`(?i)no space left on device|disk quota exceeded`)
)

// buildFailed tells which step failed, what it said last, and what to do.
func (d *Docker) buildFailed(ctx context.Context, s Spec, p progress, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f // a file of the context
	}
	return buildFault(s, p, d.host, err)
}

func buildFault(s Spec, p progress, where string, err error) error {
	f := &fault.Error{Code: fault.Image, What: "the image of " + s.Name + " can't be built", Where: s.Dockerfile, Err: err}
	why := []string{}
	if p.step != "" {
		why = append(why, p.step)
	}
	why = append(why, strings.Split(lastLines(strings.Join(p.lines, "\n"), 12), "\n")...)
	text := strings.Join(p.lines, "\n") + "\n" + err.Error()
	f.Next = "correct that step and run the same command again; what was built before it is kept"
	switch {
	case noSpace.MatchString(text):
		f.Next = "free some space (docker system df; docker builder prune; mage deploy:clean -images), then run the same command again"
	case copyMissing.MatchString(err.Error()):
		why = append(why, s.Context.explain(err.Error()))
		f.Next = "correct the path (it counts from the repository's root), or let .dockerignore leave the file in"
	case strings.Contains(p.step, ": FROM ") && noImage.MatchString(err.Error()):
		f.What, f.Err = ErrNoBase.Error(), errors.Join(ErrNoBase, err)
		f.Next = "check the name and the network, log in (docker login), or name an image that is here: image.base or image.build_args in envs/"
	case client.IsErrConnectionFailed(err), errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), "EOF"), strings.Contains(err.Error(), "connection reset"):
		f.What, f.Where = "Docker went away while the image of "+s.Name+" was built", where
		f.Next = "start Docker again and run the same command: what was not finished is built anew"
	}
	f.Why = strings.Join(slices.DeleteFunc(append(why, err.Error()), func(s string) bool { return strings.TrimSpace(s) == "" }), "\n")
	return f
}

// explain tells what a build really had, where a COPY asked for something else.
func (c Context) explain(message string) string {
	dir := "."
	if m := wantedFile.FindStringSubmatch(message); m != nil {
		dir = path.Dir(strings.TrimPrefix(m[1], "/"))
	}
	for dir != "." && !slices.ContainsFunc(c.entries, func(e entry) bool { return e.path == dir }) {
		dir = path.Dir(dir)
	}
	var names []string
	for _, e := range c.entries {
		if path.Dir(e.path) == dir {
			name := path.Base(e.path)
			if e.mode.IsDir() {
				name += "/"
			}
			names = append(names, name)
		}
	}
	names, more := finding.Few(names, 20)
	where := dir
	if dir == "." {
		where = "its root"
	}
	text := fmt.Sprintf("of the files that the Dockerfile copies, the build has in %s: %s%s", where, strings.Join(names, ", "), more)
	if len(names) == 0 {
		text = "the build has none of the files that the Dockerfile copies"
	}
	if c.ignored {
		text += "; .dockerignore leaves out the others"
	}
	return text
}

var refused = pattern.New(`(?i)unauthorized|denied|no basic auth|authentication required`)

// registryFailed tells what a registry has against us.
func (d *Docker) registryFailed(ctx context.Context, doing, reference string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	domain, _, _ := strings.Cut(reference, "/")
	f := &fault.Error{Code: fault.Image, What: doing + " " + reference + " failed", Where: domain, Err: err}
	switch {
	case client.IsErrConnectionFailed(err):
		return unreachable(d.host, err)
	case refused.MatchString(err.Error()):
		f.What = "the registry refuses " + doing + " " + reference
		f.Next = "docker login " + domain + " (the account needs the right to push there)"
	default:
		f.Next = "is the registry up, and does the daemon trust it? Run the same command again: what was uploaded is kept"
	}
	return f
}
