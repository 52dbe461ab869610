package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"

	"github.com/flowmage/flowmage/tasks/fault"
)

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
