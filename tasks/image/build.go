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

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/jsonmessage"
)

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
	s.Text = labelled(s.Text, labelsOf(s))
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

func labelsOf(s Spec) map[string]string {
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
