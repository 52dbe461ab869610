package image

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"

	"github.com/flowmage/flowmage/tasks/fault"
)

// dockerSettings is what Docker's own configuration says.
type dockerSettings struct {
	host string // of the daemon; empty: the default
	file *configfile.ConfigFile
}

// readSettings reads Docker's configuration as its command line does: a host in the environment, else the active context. The client
// library knows nothing of contexts.
func readSettings(environ []string) dockerSettings {
	folder := valueOf(environ, "DOCKER_CONFIG")
	if home := cmp.Or(valueOf(environ, "HOME"), valueOf(environ, "USERPROFILE")); folder == "" && home != "" { // not in the working directory
		folder = filepath.Join(home, ".docker")
	}
	file, err := configfile.New(""), error(nil)
	if folder != "" {
		file, err = config.Load(folder)
	}
	if err != nil {
		file = configfile.New(filepath.Join(folder, config.ConfigFileName)) // nobody is logged in
	}
	s := dockerSettings{file: file, host: valueOf(environ, "DOCKER_HOST")}
	name := cmp.Or(valueOf(environ, "DOCKER_CONTEXT"), file.CurrentContext)
	if s.host != "" || name == "" || name == "default" {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	data, err := os.ReadFile(filepath.Join(folder, "contexts", "meta", hex.EncodeToString(sum[:]), "meta.json")) //nolint:gosec // a hash is no path
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err == nil && json.Unmarshal(data, &meta) == nil {
		s.host = meta.Endpoints["docker"].Host
	}
	return s
}

func valueOf(environ []string, name string) string {
	for _, pair := range environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			return v
		}
	}
	return ""
}

func (s dockerSettings) credentials() credentials { return credentials{s.file} }

// credentials are those of Docker's configuration and its helpers. They go to the daemon with each request, never onto a command line.
type credentials struct{ file *configfile.ConfigFile }

// encoded gives the credentials for an image's registry as the API wants them.
func (c credentials) encoded(ref string) (string, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", &fault.Error{
			Code: fault.Image, What: "no image can have the name " + ref, Err: err, Next: "correct image.registry in envs/: host and path, in small letters",
		}
	}
	found, err := c.file.GetAuthConfig(hostOf(reference.Domain(named)))
	if err != nil {
		return "", &fault.Error{
			Code: fault.Image, What: "the credentials for " + reference.Domain(named) + " can't be read", Where: c.file.Filename, Err: err,
			Next: "docker login " + reference.Domain(named),
		}
	}
	return registry.EncodeAuthConfig(registry.AuthConfig(found))
}

// hostOf gives the name under which Docker keeps a registry's credentials.
func hostOf(domain string) string {
	if domain == "docker.io" {
		return "https://index.docker.io/v1/"
	}
	return domain
}

// all gives every registry's credentials, for builds that start from private images.
func (c credentials) all() map[string]registry.AuthConfig {
	found, err := c.file.GetAllCredentials()
	if err != nil {
		return nil // a helper that is broken: only a private base image would need it, and says so
	}
	out := map[string]registry.AuthConfig{}
	for name, auth := range found {
		out[name] = registry.AuthConfig(auth)
	}
	return out
}

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
