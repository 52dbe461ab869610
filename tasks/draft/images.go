package draft

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/tasks/verdict"
	"github.com/flowmage/flowmage/templates"
)

// Files that a build is given besides the repository's.
const (
	lockFile         = ".flowmage-build/requirements.lock"
	certificatesFile = ".flowmage-build/ca.pem"
)

// Images are those that the container deployments want, by entrypoint, and what Docker and registry say of them.
type Images struct {
	Planned map[string]image.Planned // some with errors among their findings
	Digests map[string]string        // in the registry, by reference; only where they are deployed
	Lacking error                    // why there is no Docker, where container deployments are left out then
	About   finding.List             // what is wrong with the comments in Dockerfiles that have something ignored
}

// imagesOf plans the images of the container deployments: their Dockerfiles, files and tags. Docker is asked only whether it is there, where the
// settings say `containers: auto`, and for the digests of what the registry has, where those are deployed.
func imagesOf(ctx context.Context, s *session.Session, j Judged) Images {
	var wanted []flow.Flow
	for _, f := range j.Ready {
		if len(j.Env.Settings(f.Names()...).Imaged()) > 0 {
			wanted = append(wanted, f)
		}
	}
	if len(wanted) == 0 {
		return Images{}
	}
	if j.skippable() {
		if _, err := s.Docker(ctx); err != nil {
			return Images{Lacking: err}
		}
	}
	out := Images{Planned: map[string]image.Planned{}}
	for _, f := range wanted {
		if own, ok := j.Env.Settings(f.Names()...).JobVariables["image"].(string); ok && own != "" {
			continue // somebody else builds it
		}
		out.Planned[f.Entrypoint] = planImage(s, j.Env, f)
	}
	out.judge(j.law, s.Counting(ctx, verdict.Read(s.Tree(), out.marked())))
	out.Digests = digests(ctx, s, j.Read, out.Planned)
	return out
}

// marked gives the Dockerfiles in which comments may have something ignored.
func (i Images) marked() []string {
	var out []string
	for _, planned := range i.Planned {
		out = append(out, planned.Marked...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judge makes of the findings what settings and comments say of them.
func (i *Images) judge(law verdict.Law, comments []verdict.Ignore) {
	var all finding.List
	law = law.With(comments...)
	for entrypoint, planned := range i.Planned {
		all = append(all, planned.Findings...)
		planned.Findings = law.Apply(planned.Findings)
		i.Planned[entrypoint] = planned
	}
	i.About = law.About(all, comments)
}

// digests looks up images that are in the registry already, where their digests are deployed. What can't be known yet will be built.
func digests(ctx context.Context, s *session.Session, r Read, images map[string]image.Planned) map[string]string {
	out := map[string]string{}
	defer s.Await("the registry to tell which images it has")()
	for _, planned := range images {
		if planned.Findings.HasErrors() || !byDigest(r, images, planned) {
			continue
		}
		docker, err := s.Docker(ctx)
		if err != nil {
			break
		}
		if digest, there, err := docker.Digest(ctx, planned.Spec.Reference()); err == nil && there {
			out[planned.Spec.Reference()] = digest
		}
	}
	return out
}

// byDigest tells whether an image is deployed by its digest.
func byDigest(r Read, images map[string]image.Planned, planned image.Planned) bool {
	for _, f := range r.Flows {
		if q, ok := images[f.Entrypoint]; ok && q.Spec.Reference() == planned.Spec.Reference() {
			return r.Env.Settings(f.Names()...).Container.Image.Pin == "digest"
		}
	}
	return false
}

// projectOf is what the images of the repository share.
func projectOf(s *session.Session, env config.Env) image.Project {
	severity := finding.Warning
	if env.Guards.PinnedImages {
		severity = finding.Error
	}
	return image.Project{Files: s.Tree(), Name: env.Project, Unpinned: severity, Transient: Transient(s)}
}

// Transient is what this machine needs to fetch packages: its index, its proxy, its certificates.
func Transient(s *session.Session) image.Transient {
	first := func(names ...string) string {
		for _, name := range names {
			if value, _ := s.Environ.Lookup(name); value != "" {
				return value
			}
		}
		return ""
	}
	t := image.Transient{Args: map[string]string{}, Files: map[string][]byte{}}
	for name, value := range map[string]string{
		"PIP_INDEX_URL":       first("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"),
		"PIP_EXTRA_INDEX_URL": first("PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL"),
		"PIP_TRUSTED_HOST":    first("PIP_TRUSTED_HOST"),
	} {
		if value != "" {
			t.Args[name] = value
		}
	}
	if file := first("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"); file != "" {
		if data, err := tree.Outside(file, tree.Parameters); err == nil {
			t.Files[certificatesFile] = data
		}
	}
	return t
}

// planImage plans the image of a flow: its own Dockerfile, or one that is made from the template.
func planImage(s *session.Session, env config.Env, f flow.Flow) image.Planned {
	settings, project := env.Settings(f.Names()...), projectOf(s, env)
	i := settings.Container.Image
	w := image.Wanted{
		Name: f.Slug(), Registry: i.Registry, Platform: i.Platform, Args: i.BuildArgs, Check: imageCheck(env, settings, f),
		Dockerfile: cmp.Or(i.Dockerfile, project.Own(f.Dir())),
	}
	if w.Dockerfile == "" {
		text, files, err := dockerfile(s, env, settings, f)
		if err != nil {
			x := fault.Of(err)
			return image.Planned{Findings: finding.List{catalogue.New("image-template", finding.OfFlow(f.Entrypoint), finding.Finding{
				Position: finding.Position{File: x.Where}, Message: x.What, Why: x.Cause(), Fix: x.Next,
			})}}
		}
		w.Dockerfile, w.Text, w.Files = render.Folder+"/"+render.Dockerfile, text, files
	}
	return project.Plan(w)
}

// dockerfile makes a Dockerfile for a flow that has none, and the files that it needs besides the repository's.
func dockerfile(s *session.Session, env config.Env, settings config.Settings, f flow.Flow) (text []byte, files map[string][]byte, err error) {
	lock, err := templates.FS.ReadFile("python/requirements.lock")
	if err != nil {
		return nil, nil, fmt.Errorf("the lock file: %w", err)
	}
	code := slices.Clone(f.Files)
	if dir := f.Dir(); dir != "." && !slices.Contains(env.Paths, dir) {
		code = slices.DeleteFunc(code, func(file string) bool { return strings.HasPrefix(file, dir+"/") })
		code = append(code, dir)
	}
	text, err = render.Docker(s.Tree(), templates.FS, render.Image{
		Flow: f.Name, Base: cmp.Or(settings.Container.Image.Base, render.BaseImage), Root: render.ImageRoot,
		Files: code, Requirements: imageRequirements(s, f), Volumes: targets(settings.Container.Volumes, ""),
	})
	return text, map[string][]byte{lockFile: lock}, err
}

// targets gives the folders in the container that volumes are mounted on; mode "rw" or "ro" picks some, "" gives all.
func targets(volumes []string, mode string) []string {
	out := []string{}
	for _, v := range volumes {
		parts := strings.Split(v, ":")
		if len(parts) < 2 {
			continue
		}
		readOnly := len(parts) > 2 && slices.Contains(strings.Split(parts[len(parts)-1], ","), "ro")
		target := parts[1]
		if mode == "" || readOnly == (mode == "ro") {
			out = append(out, target)
		}
	}
	return out
}

// imageCheck is what must hold in a flow's image.
func imageCheck(env config.Env, settings config.Settings, f flow.Flow) *image.Check {
	c := &image.Check{
		Root: render.ImageRoot, Entrypoint: f.Entrypoint, Flow: f.Name,
		Folders: targets(settings.Container.Volumes, "ro"), Volumes: targets(settings.Container.Volumes, "rw"),
	}
	if !strings.Contains(f.Function, ".") {
		c.Parameters = []string{}
		for _, p := range f.Definition.Parameters {
			c.Parameters = append(c.Parameters, p.Name)
		}
	}
	if user := ContainerUser(env); user != "" {
		c.User, c.Binds = user, render.Volumes(settings.Container.Volumes, settings.Code.Directory)
	}
	return c
}

// ContainerUser is who containers run as where this machine's folders are mounted in them: whoever owns the folders here, so that reports
// can be read and removed. Elsewhere the image's own user counts.
func ContainerUser(env config.Env) string {
	if env.Server.URL != "" || env.Name != "dev" || runtime.GOOS != "linux" {
		return ""
	}
	return fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
}
