package image

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Options are the choices of [Ensure].
type Options struct {
	Log  func(name string) io.Writer // where an image's steps are told; nil: nowhere
	Push bool                        // to the registry that the images' names begin with
}

// Result is what became of one image.
type Result struct {
	Name      string  `json:"name"`
	Reference string  `json:"reference"`
	Digest    string  `json:"digest,omitempty"` // in the registry
	ID        string  `json:"id,omitempty"`     // on this machine
	Built     bool    `json:"built"`
	Pushed    bool    `json:"pushed"`
	Seconds   float64 `json:"seconds"`
	Err       error   `json:"-"`
	Failure   string  `json:"error,omitempty"`
}

// State is a word for what became of the image.
func (r Result) State() string {
	switch {
	case r.Err != nil:
		return "failed"
	case r.Pushed:
		return "pushed"
	case r.Built:
		return "built"
	default:
		return "unchanged"
	}
}

// Ensure makes sure that images exist: those that are neither here nor, with Push, in the registry are built, base images first and
// independent ones side by side, checked, named and pushed. A name is given last, so an image that has one is whole and was found good.
// Results come in the order of the images; one that fails does not stop the others.
func Ensure(ctx context.Context, in Interface, images []Planned, o Options) []Result {
	e := &ensuring{in: in, options: o, bases: map[string]func() Result{}}
	for _, p := range images {
		for _, b := range p.Bases {
			if _, known := e.bases[b.Reference()]; !known {
				e.bases[b.Reference()] = sync.OnceValue(func() Result { return e.one(ctx, b, false) })
			}
		}
	}
	out := make([]Result, len(images))
	var wait sync.WaitGroup
	for i, p := range images {
		wait.Go(func() { out[i] = e.one(ctx, p.Spec, o.Push) })
	}
	wait.Wait()
	return out
}

type ensuring struct {
	in      Interface
	options Options
	bases   map[string]func() Result // by reference; each is made at most once
}

func (e *ensuring) one(ctx context.Context, s Spec, push bool) Result {
	start := time.Now()
	r := Result{Name: s.Name, Reference: s.Reference()}
	if r.Err = e.make(ctx, s, push, &r); r.Err != nil {
		r.Failure = r.Err.Error()
	}
	r.Seconds = time.Since(start).Seconds()
	return r
}

func (e *ensuring) make(ctx context.Context, s Spec, push bool, r *Result) error {
	if push {
		digest, there, err := e.in.Digest(ctx, s.Reference())
		if err != nil {
			return err
		}
		if r.Digest = digest; there {
			return nil
		}
	}
	have, there, err := e.in.Inspect(ctx, s.Reference())
	if err != nil {
		return err
	}
	if there && have.Labels[LabelProject] == "" {
		return &fault.Error{
			Code: fault.Image, What: "the name " + s.Reference() + " is taken", Why: "an image has it that was not built from here",
			Next: "give that one another name (docker tag) and remove this one (docker rmi " + s.Reference() + ")",
		}
	}
	if r.ID = have.ID; !there {
		if err := e.build(ctx, s, r); err != nil {
			return err
		}
	}
	if push {
		r.Digest, err = e.in.Push(ctx, s.Reference(), e.log(s))
		r.Pushed = err == nil
	}
	return err
}

func (e *ensuring) build(ctx context.Context, s Spec, r *Result) error {
	for _, b := range s.Bases {
		if made := e.bases[b](); made.Err != nil {
			return &BaseError{Base: made.Name, Err: made.Err}
		}
	}
	id, err := e.in.Build(ctx, s, e.log(s))
	if err != nil {
		return err
	}
	if s.Check != nil {
		if err := s.Check.run(ctx, e.in, s, id); err != nil {
			// Nobody will ask for it: what it is made from has to change first.
			_ = e.in.Remove(context.WithoutCancel(ctx), id)
			return err
		}
	}
	r.ID, r.Built = id, true
	return e.in.Tag(ctx, id, s.Reference())
}

// Publish uploads an image under a name that may move, unless the registry has the same under it.
func Publish(ctx context.Context, in Interface, reference string, log io.Writer) (pushed bool, err error) {
	have, there, err := in.Inspect(ctx, reference)
	if err == nil && !there {
		err = &fault.Error{Code: fault.Image, What: "there is no image " + reference + " on this machine", Next: "build it in a step before, under this name and tag"}
	}
	if err != nil {
		return false, err
	}
	digest, there, err := in.Digest(ctx, reference)
	if err != nil || there && slices.ContainsFunc(have.Digests, func(name string) bool { return strings.HasSuffix(name, "@"+digest) }) {
		return false, err
	}
	_, err = in.Push(ctx, reference, log)
	return err == nil, err
}

// Look checks an image that must be there already, as it was checked when it was built.
func Look(ctx context.Context, in Interface, s Spec) error {
	have, there, err := in.Inspect(ctx, s.Reference())
	switch {
	case err != nil:
		return err
	case !there:
		return &fault.Error{Code: fault.Image, What: "there is no image " + s.Reference() + " on this machine", Why: "it was never built from these files, or was removed"}
	case s.Check == nil:
		return nil
	default:
		return s.Check.run(ctx, in, s, have.ID)
	}
}

func (e *ensuring) log(s Spec) io.Writer {
	if e.options.Log == nil {
		return io.Discard
	}
	return e.options.Log(s.Name)
}

// BaseError says that an image was not built because one that it starts from was not.
type BaseError struct {
	Base string
	Err  error
}

func (e *BaseError) Error() string { return fmt.Sprintf("its base image %s: %v", e.Base, e.Err) }

// Unwrap gives what is wrong with the base.
func (e *BaseError) Unwrap() error { return e.Err }
