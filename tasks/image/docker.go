package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/flowmage/flowmage/tasks/fault"
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
	var text strings.Builder
	said, err := d.api.ContainerLogs(ctx, made.ID, container.LogsOptions{ShowStdout: true, ShowStderr: true})
	if err == nil {
		defer said.Close() //nolint:errcheck // it was only read
		_, err = stdcopy.StdCopy(&text, &text, said)
	}
	if err != nil {
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

// Network makes sure that a network for containers exists and gives the host's address in it. One that is there is taken as it is; one
// that is no bridge on this host is a *fault.Error, because containers could not reach the host through it.
func (d *Docker) Network(ctx context.Context, name, project string) (gateway string, err error) {
	found, err := d.api.NetworkInspect(ctx, name, network.InspectOptions{})
	if errdefs.IsNotFound(err) {
		_, err = d.api.NetworkCreate(ctx, name, network.CreateOptions{Driver: "bridge", Labels: map[string]string{LabelProject: project}})
		if err != nil && !errdefs.IsConflict(err) {
			return "", d.failed("making the network "+name, err)
		}
		found, err = d.api.NetworkInspect(ctx, name, network.InspectOptions{})
	}
	if err != nil {
		return "", d.failed("looking up the network "+name, err)
	}
	wrong := func(why string) error {
		return &fault.Error{
			Code: fault.Image, What: fmt.Sprintf("the network %s can't be used for runs", name), Where: d.host, Why: why,
			Next: "remove it (docker network rm " + name + ") so that it is made anew, or name another one under networks in envs/",
		}
	}
	if found.Driver != "bridge" {
		return "", wrong("it exists with the driver " + found.Driver + ", expected bridge")
	}
	if found.Internal {
		return "", wrong("it exists as an internal network: containers in it reach nothing outside, also no Prefect server")
	}
	for _, c := range found.IPAM.Config {
		if c.Gateway != "" {
			return c.Gateway, nil
		}
	}
	return "", wrong("the host has no address in it")
}

// Native tells whether the daemon's networks are this machine's own: on Docker Desktop and with a remote daemon they are not, and their
// gateway is no address of ours.
func (d *Docker) Native(ctx context.Context) bool {
	info, err := d.api.Info(ctx)
	return err == nil && info.OSType == "linux" && info.OperatingSystem != "Docker Desktop" && (d.host == "" || strings.HasPrefix(d.host, "unix://"))
}
