package image

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"
	"github.com/docker/docker/pkg/stdcopy"
)

// Docker is a Docker daemon, asked through its Engine API. Images are built by its classic builder, which every daemon has.
type Docker struct {
	api         *client.Client
	host        string
	credentials credentials
}

// Connect reaches the daemon that DOCKER_HOST, the active Docker context or the default socket names, and proves that it answers. The
// error is a *fault.Error that tells a missing daemon from a closed door.
func Connect(ctx context.Context, environ []string) (*Docker, error) {
	settings := readSettings(environ)
	options := []client.Opt{client.WithAPIVersionNegotiation(), client.WithTLSClientConfigFromEnv()}
	if settings.host != "" {
		options = append(options, client.WithHost(settings.host))
	}
	api, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, unreachable(settings.host, err)
	}
	d := &Docker{api: api, host: api.DaemonHost(), credentials: settings.credentials()}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := api.Ping(ctx); err != nil {
		return nil, errors.Join(unreachable(d.host, err), api.Close())
	}
	return d, nil
}

// Close gives the connection back.
func (d *Docker) Close() error { return d.api.Close() }

// Host is the daemon's address, as DOCKER_HOST has it.
func (d *Docker) Host() string { return d.host }

// Inspect looks an image up.
func (d *Docker) Inspect(ctx context.Context, reference string) (Image, bool, error) {
	found, err := d.api.ImageInspect(ctx, reference)
	if errdefs.IsNotFound(err) {
		return Image{}, false, nil
	}
	if err != nil {
		return Image{}, false, d.failed("looking up the image "+reference, err)
	}
	out := Image{ID: found.ID, References: found.RepoTags, Digests: found.RepoDigests, Bytes: found.Size}
	out.Created, _ = time.Parse(time.RFC3339Nano, found.Created) // a date nobody can read is none
	if c := found.Config; c != nil {
		out.Labels, out.User, out.Volumes = c.Labels, c.User, slices.Sorted(maps.Keys(c.Volumes))
	}
	return out, true, nil
}

// dockerfileName is the Dockerfile's name in the context: one that no repository has.
const dockerfileName = ".flowmage-build/Dockerfile"

// Build streams the context to the daemon and follows the steps.
func (d *Docker) Build(ctx context.Context, s Spec, log io.Writer) (string, error) {
	args := map[string]*string{}
	for _, list := range []map[string]string{s.Args, s.Transient.Args} {
		for name, value := range list {
			args[name] = &value
		}
	}
	s.Text = labelled(s.Text, labels(s))
	started := time.Now()
	body, feed := io.Pipe()
	go func() { feed.CloseWithError(s.complete().stream(feed)) }()
	defer body.Close() //nolint:errcheck // it only ends the feeder
	answer, err := d.api.ImageBuild(ctx, body, build.ImageBuildOptions{
		Dockerfile: dockerfileName, BuildArgs: args, Platform: s.Platform, Remove: true, ForceRemove: true,
		AuthConfigs: d.credentials.all(), Version: build.BuilderV1,
	})
	if err != nil {
		return "", d.buildFailed(ctx, s, progress{}, err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	p := progress{log: log, started: started}
	if err := p.follow(answer.Body); err != nil {
		if ctx.Err() != nil {
			d.forget(context.WithoutCancel(ctx), p)
			return "", ctx.Err()
		}
		return "", d.buildFailed(ctx, s, p, err)
	}
	if p.id == "" {
		return "", d.buildFailed(ctx, s, p, errors.New("the daemon ended the build without an image"))
	}
	return p.id, nil
}

// How long a build that is broken off is waited for. The daemon first ends the step that it is at: it kills at once what a step runs, but files
// are copied to the end, and a layer more comes of it.
const (
	toKill = 400 * time.Millisecond
	toCopy = 8 * time.Second
)

// forget takes away the layers that a build has made before it was broken off.
func (d *Docker) forget(ctx context.Context, p progress) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if p.last != "" {
		d.outlive(ctx, p)
	}
	for _, id := range slices.Backward(p.made) {
		d.drop(ctx, id)
	}
}

// outlive waits for the layer that the step at work may make yet, and takes it away.
func (d *Docker) outlive(ctx context.Context, p progress) {
	patience, copies := toKill, strings.Contains(p.step, " : COPY ") || strings.Contains(p.step, " : ADD ")
	if copies {
		patience = toCopy
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for told := false; ; {
		if d.removeAbove(ctx, p) && copies { // there is none after that
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
		if !told && copies && p.log != nil {
			_, _ = io.WriteString(p.log, "waiting for Docker to end this step ...\n")
			told = true
		}
	}
}

// removeAbove takes away the layers without a name that are made from the last one, and tells whether one of them came of this build.
func (d *Docker) removeAbove(ctx context.Context, p progress) bool {
	list, _ := d.api.ImageList(ctx, image.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("dangling", "true"))})
	found := false
	for _, i := range list {
		if strings.HasPrefix(strings.TrimPrefix(i.ParentID, "sha256:"), p.last) {
			found = found || i.Created >= p.started.Unix()
			d.drop(ctx, i.ID)
		}
	}
	return found
}

// drop takes away a layer, unless something is made from it.
func (d *Docker) drop(ctx context.Context, id string) {
	_, _ = d.api.ImageRemove(ctx, id, image.RemoveOptions{}) // what is in use stays, and should
}

// complete is the context with all that a builder needs in it.
func (s Spec) complete() Context {
	files := map[string][]byte{dockerfileName: s.Text, ".dockerignore": []byte(path.Dir(dockerfileName) + "/Dockerfile\n")}
	maps.Copy(files, s.Transient.Files)
	return s.Context.With(files)
}

func labels(s Spec) map[string]string {
	return map[string]string{LabelProject: s.Project, LabelName: s.Name}
}

// progress is what a daemon tells of a build or push.
type progress struct {
	log     io.Writer
	started time.Time
	step    string   // Step 3/9 : RUN pip install …
	lines   []string // what that step has said
	last    string   // the layer that the step starts from
	made    []string // the layers that this build has made
	cache   bool     // the step's layer was there already
	id      string   // of the image
	push    struct{ Digest string }
}

// follow reads to the end: a build that failed says so in its last message only.
func (p *progress) follow(r io.Reader) error {
	for messages := json.NewDecoder(r); ; {
		var m jsonmessage.JSONMessage
		if err := messages.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if m.Error != nil {
			return m.Error
		}
		if m.Aux != nil {
			var aux struct{ ID, Digest string }
			if json.Unmarshal(*m.Aux, &aux) == nil {
				p.id, p.push.Digest = cmp.Or(aux.ID, p.id), cmp.Or(aux.Digest, p.push.Digest)
			}
		}
		if err := p.tell(m); err != nil {
			return err
		}
	}
}

func (p *progress) tell(m jsonmessage.JSONMessage) error {
	switch whole := []string{"Pushed", "Layer already exists", "Pull complete", "Already exists"}; {
	case m.Stream != "" || m.Status == "" || m.Progress != nil:
	case m.ID == "":
		m.Stream = m.Status + "\n"
	case slices.Contains(whole, m.Status):
		m.Stream = m.ID + ": " + m.Status + "\n"
	}
	if p.log != nil && m.Stream != "" {
		if _, err := io.WriteString(p.log, m.Stream); err != nil {
			return err
		}
	}
	for line := range strings.Lines(m.Stream) {
		p.line(strings.TrimSpace(line))
	}
	return nil
}

// line keeps what a line tells of the step at work.
func (p *progress) line(line string) {
	layer, made := strings.CutPrefix(line, "---> ")
	switch {
	case strings.HasPrefix(line, "Step "):
		p.step, p.lines, p.cache = line, nil, strings.Contains(line, " : FROM ")
	case layer == "Using cache":
		p.cache = true
	case made && !strings.Contains(layer, " "):
		if p.last = layer; !p.cache {
			p.made = append(p.made, layer)
		}
	case line != "" && !made:
		p.lines = append(p.lines, line)
	}
}

// Tag gives an image a name.
func (d *Docker) Tag(ctx context.Context, id, reference string) error {
	if err := d.api.ImageTag(ctx, id, reference); err != nil {
		return d.failed("naming the image "+reference, err)
	}
	return nil
}

// Remove takes an image or a name away.
func (d *Docker) Remove(ctx context.Context, reference string) error {
	_, err := d.api.ImageRemove(ctx, reference, image.RemoveOptions{PruneChildren: true})
	if err != nil && !errdefs.IsNotFound(err) {
		return d.failed("removing the image "+reference, err)
	}
	return nil
}

// List gives the images with the project's label, the newest first.
func (d *Docker) List(ctx context.Context, project string) ([]Image, error) {
	list, err := d.api.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("label", LabelProject+"="+project))})
	if err != nil {
		return nil, d.failed("listing images", err)
	}
	out := make([]Image, 0, len(list))
	for _, i := range list {
		names := slices.DeleteFunc(i.RepoTags, func(name string) bool { return name == "<none>:<none>" })
		out = append(out, Image{ID: i.ID, References: names, Created: time.Unix(i.Created, 0), Bytes: i.Size, Labels: i.Labels})
	}
	slices.SortFunc(out, func(a, b Image) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// Run runs a program and gives what it said. The container is gone afterwards, also when ctx ends.
func (d *Docker) Run(ctx context.Context, c Command) (Output, error) {
	host := &container.HostConfig{NetworkMode: container.NetworkMode(cmp.Or(c.Network, "none")), Binds: c.Volumes}
	config := &container.Config{Image: c.Image, User: c.User, Entrypoint: c.Args[:1], Cmd: c.Args[1:]}
	made, err := d.api.ContainerCreate(ctx, config, host, nil, nil, "")
	if err != nil {
		return Output{}, d.failed("starting the image "+c.Image, err)
	}
	defer d.discard(context.WithoutCancel(ctx), made.ID)
	if err := d.api.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return Output{}, d.failed("starting the image "+c.Image, err)
	}
	ended, failed := d.api.ContainerWait(ctx, made.ID, container.WaitConditionNotRunning)
	var out Output
	select {
	case e := <-ended:
		out.Code = int(e.StatusCode)
	case err := <-failed:
		return Output{}, d.failed("waiting for the image "+c.Image, err)
	}
	said, err := d.api.ContainerLogs(ctx, made.ID, container.LogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		return Output{}, d.failed("reading what the image said", err)
	}
	defer said.Close() //nolint:errcheck // it was only read
	var text strings.Builder
	if _, err := stdcopy.StdCopy(&text, &text, said); err != nil {
		return Output{}, d.failed("reading what the image said", err)
	}
	out.Text = text.String()
	return out, nil
}

func (d *Docker) discard(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_ = d.api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true}) // one that stays does no harm
}

// Users gives the names of the containers that run from an image.
func (d *Docker) Users(ctx context.Context, id string) ([]string, error) {
	list, err := d.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("ancestor", id))})
	if err != nil {
		return nil, d.failed("listing containers", err)
	}
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, strings.TrimPrefix(strings.Join(c.Names, ","), "/"))
	}
	return out, nil
}
