// Package image builds, checks, names and publishes the images that container deployments run in.
//
// An image's tag is a hash of what goes into it (tag.go), so that it is known before anything is built and without a daemon, and an image
// that is there already is neither built nor pushed again. Start with [Project.Plan], which reads the Dockerfiles and orders them, base images
// first; then [Ensure], which makes what is missing, independent images side by side. What does the work is an [Interface]: [Docker] talks
// to a daemon; [WithBuildx], [Limited] and [Cached] wrap one.
package image

import (
	"context"
	"io"
	"time"

	"github.com/docker/go-units"
)

// Interface is a place where images are built and kept.
type Interface interface {
	// Inspect looks an image up by reference or id; false when it is not there.
	Inspect(ctx context.Context, reference string) (Image, bool, error)
	// Build builds an image without a name and gives its id. The log gets what the steps say. The layers of one that
	// failed are kept for the next try, those of one that ctx ended are not.
	Build(ctx context.Context, s Spec, log io.Writer) (id string, err error)
	// Tag gives an image a name more.
	Tag(ctx context.Context, id, reference string) error
	// Remove takes an image, or one of its names, away. What is not there is no error.
	Remove(ctx context.Context, reference string) error
	// Digest asks the registry for an image's digest; false when it does not have the image.
	Digest(ctx context.Context, reference string) (digest string, there bool, err error)
	// Push uploads an image and gives its digest.
	Push(ctx context.Context, reference string, log io.Writer) (digest string, err error)
	// Run runs a program in an image, without a network, until it ends, and takes the container away.
	Run(ctx context.Context, c Command) (Output, error)
	// List gives the images of a project.
	List(ctx context.Context, project string) ([]Image, error)
}

// The labels that tell our images from others.
const (
	LabelProject = "flowmage.project"
	LabelName    = "flowmage.image"
)

// Image is one that exists.
type Image struct {
	ID         string            `json:"id"`
	References []string          `json:"references"` // its names, with tags
	Digests    []string          `json:"-"`          // its names with digests, as registries have it
	Created    time.Time         `json:"created"`
	Bytes      int64             `json:"bytes"`
	Labels     map[string]string `json:"-"`
	User       string            `json:"-"` // that programs run as
	Volumes    []string          `json:"-"` // that the image declares
}

// Size writes a number of bytes for people, as docker images does.
func Size(bytes int64) string { return units.HumanSize(float64(bytes)) }

// Age writes for people how long ago something came to be.
func Age(since time.Time) string { return units.HumanDuration(time.Since(since)) + " old" }

// Spec is an image that shall be.
type Spec struct {
	Name       string // short, for people: rpa1
	Project    string
	Repository string // name without a tag: registry.example.com/robots/shop-rpa1
	Tag        string // see [Tag]
	Dockerfile string // path, or what it was made from, for messages
	Text       []byte // the Dockerfile, with the tags of base images filled in
	Context    Context
	Args       map[string]string // build arguments that count for the tag
	Platform   string            // such as linux/amd64; empty: the daemon's
	Bases      []string          // the project's images it starts from, by Name
	BuildKit   bool              // the Dockerfile needs it
	Transient  Transient
	Check      *Check // of a flow's image
}

// Reference is the name with the tag.
func (s Spec) Reference() string { return s.Repository + ":" + s.Tag }

// Transient is what a build on this machine needs and no image may keep: none of it counts for the tag.
type Transient struct {
	Args  map[string]string // offered to the Dockerfile's ARGs of that name, such as PIP_INDEX_URL
	Files map[string][]byte // in the context, such as the certificates of a company's proxy
}

// Command is a program to run in an image.
type Command struct {
	Image   string
	User    string // uid:gid; empty: the image's
	Args    []string
	Network string   // empty: none
	Volumes []string // host:container
}

// Output is what a program said and how it ended.
type Output struct {
	Code int
	Text string // both streams
}
