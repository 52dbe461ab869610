package image

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
)

// Digest asks the registry through the daemon, which knows its proxies and certificates.
func (d *Docker) Digest(ctx context.Context, reference string) (string, bool, error) {
	auth, err := d.credentials.encoded(reference)
	if err != nil {
		return "", false, err
	}
	found, err := d.api.DistributionInspect(ctx, reference, auth)
	switch {
	case err == nil:
		return found.Descriptor.Digest.String(), true, nil
	case errdefs.IsNotFound(err), absent(err.Error()):
		return "", false, nil
	default:
		return "", false, d.registryFailed(ctx, "asking for", reference, err)
	}
}

// absent knows how daemons say that a registry lacks an image; the status is not the same everywhere.
func absent(text string) bool {
	low := strings.ToLower(text)
	return strings.Contains(low, "manifest unknown") || strings.Contains(low, "name unknown") || strings.Contains(low, "repository name not known")
}

// Push uploads. Layers that the registry has are not sent again, so one that broke off goes on where it was.
func (d *Docker) Push(ctx context.Context, reference string, log io.Writer) (string, error) {
	auth, err := d.credentials.encoded(reference)
	if err != nil {
		return "", err
	}
	answer, err := d.api.ImagePush(ctx, reference, image.PushOptions{RegistryAuth: auth})
	if err != nil {
		return "", d.registryFailed(ctx, "pushing", reference, err)
	}
	defer answer.Close() //nolint:errcheck // it was only read
	p := progress{log: log}
	err = p.follow(answer)
	if err == nil && p.push.Digest == "" {
		err = errors.New("the daemon ended the push without a digest")
	}
	if err != nil {
		return "", d.registryFailed(ctx, "pushing", reference, err)
	}
	return p.push.Digest, nil
}
