package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

// shelf is a place of images in memory.
type shelf struct {
	mu       sync.Mutex
	images   map[string]bool   // by reference
	digests  map[string]string // in the registry
	failing  string            // the image whose build fails
	answer   string            // of checks
	together *sync.WaitGroup   // when set, builds wait until as many are at it
	removed  []string
	owner    string // of all images
}

func newShelf() *shelf {
	return &shelf{images: map[string]bool{}, digests: map[string]string{}, owner: "shop", answer: marker + "[]\n"}
}

func (s *shelf) Inspect(_ context.Context, reference string) (Image, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Image{ID: "id of " + reference, Labels: map[string]string{LabelProject: s.owner}}, s.images[reference], nil
}

func (s *shelf) Build(ctx context.Context, spec Spec, log io.Writer) (string, error) {
	fmt.Fprintln(log, "Step 1/1 : FROM x")
	if s.together != nil && len(spec.Bases) > 0 {
		s.together.Done()
		s.together.Wait()
	}
	if spec.Name == s.failing {
		return "", &fault.Error{Code: fault.Image, What: "no"}
	}
	for _, b := range spec.Bases {
		if _, there, _ := s.Inspect(ctx, b); !there {
			return "", errors.New("no base " + b)
		}
	}
	return spec.Name, nil
}

func (s *shelf) Tag(_ context.Context, _, reference string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images[reference] = true
	return nil
}

func (s *shelf) Remove(_ context.Context, reference string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed = append(s.removed, reference)
	return nil
}

func (s *shelf) Digest(_ context.Context, reference string) (string, bool, error) {
	digest, there := s.digests[reference]
	return digest, there, nil
}

func (s *shelf) Push(_ context.Context, reference string, _ io.Writer) (string, error) {
	return "sha256:" + reference, nil
}

func (s *shelf) Run(context.Context, Command) (Output, error) { return Output{Text: s.answer}, nil }

func (s *shelf) List(context.Context, string) ([]Image, error) { return nil, nil }

func three() []Planned {
	base := Spec{Name: "base", Repository: "base", Tag: "1"}
	out := []Planned{}
	for _, name := range []string{"a", "b", "c"} {
		out = append(out, Planned{Spec: Spec{Name: name, Repository: name, Tag: "1", Bases: []string{"base:1"}, Check: &Check{}}, Bases: []Spec{base}})
	}
	return out
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set  func(*shelf)
		push bool
		want []string // states
		done []string // sorted
	}{
		"from nothing":     {func(*shelf) {}, false, []string{"built", "built", "built"}, []string{"build a", "build b", "build base", "build c"}},
		"nothing to do":    {func(s *shelf) { s.images = map[string]bool{"a:1": true, "b:1": true, "c:1": true} }, false, []string{"unchanged", "unchanged", "unchanged"}, []string{}},
		"one is missing":   {func(s *shelf) { s.images = map[string]bool{"a:1": true, "base:1": true, "c:1": true} }, false, []string{"unchanged", "built", "unchanged"}, []string{"build b"}},
		"one fails":        {func(s *shelf) { s.failing = "b" }, false, []string{"built", "failed", "built"}, []string{"build a", "build b failed", "build base", "build c"}},
		"the base fails":   {func(s *shelf) { s.failing = "base" }, false, []string{"failed", "failed", "failed"}, []string{"build base failed"}},
		"a check fails":    {func(s *shelf) { s.answer = marker + `["no flow"]` }, false, []string{"failed", "failed", "failed"}, []string{"build a", "build b", "build base", "build c"}},
		"a name is taken":  {func(s *shelf) { s.images, s.owner = map[string]bool{"a:1": true}, "" }, false, []string{"failed", "built", "built"}, []string{"build b", "build base", "build c"}},
		"push":             {func(s *shelf) { s.images = map[string]bool{"a:1": true, "b:1": true, "c:1": true} }, true, []string{"pushed", "pushed", "pushed"}, []string{"push a:1", "push b:1", "push c:1"}},
		"in the registry":  {func(s *shelf) { s.digests = map[string]string{"a:1": "x", "b:1": "y", "c:1": "z"} }, true, []string{"unchanged", "unchanged", "unchanged"}, []string{}},
		"one not in there": {func(s *shelf) { s.digests = map[string]string{"a:1": "x", "b:1": "y"} }, true, []string{"unchanged", "unchanged", "pushed"}, []string{"build base", "build c", "push c:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			test.set(s)
			r := &Recorder{Interface: Limited(Cached(s), 2)}
			var states []string
			for _, x := range Ensure(t.Context(), r, three(), Options{Push: test.push}) {
				states = append(states, x.State())
			}
			if diff := cmp.Diff(test.want, states); diff != "" {
				t.Error(diff)
			}
			done := r.Done()
			slices.Sort(done)
			if diff := cmp.Diff(test.done, done); diff != "" {
				t.Error(diff)
			}
			if name == "a check fails" && (len(s.images) != 1 || len(s.removed) != 3) {
				t.Errorf("named %v, removed %v: what is not whole must not be found again", s.images, s.removed)
			}
		})
	}
}

// TestSideBySide hangs unless independent images are built at the same time.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.together = &sync.WaitGroup{}
	s.together.Add(3)
	for _, r := range Ensure(t.Context(), Limited(s, 3), three(), Options{}) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
}

func TestPrefixed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var mu sync.Mutex
	a, b := Prefixed(&out, &mu, "a"), Prefixed(&out, &mu, "b")
	for _, w := range []struct {
		to   io.Writer
		text string
	}{{a, "one "}, {b, "other\n"}, {a, "line\n\nmore\n"}} {
		if _, err := io.WriteString(w.to, w.text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff("b        | other\na        | one line\na        | more\n", out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCheckAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"noise\n" + marker + "[]\nmore": "",
		marker + `["a","b"]`:            "a\nb",
		"Traceback\nboom\n":             "the check ended with code 0:\nTraceback\nboom",
		marker + "x":                    "the check's answer can't be read: x",
	} {
		s := newShelf()
		s.answer = answer
		got := ""
		if err := (Check{}).run(t.Context(), s, Spec{Name: "a"}, "id"); err != nil {
			f, _ := errors.AsType[*fault.Error](err)
			got = f.Why
		}
		if got != want {
			t.Errorf("%q: %q", answer, got)
		}
	}
	if !strings.Contains(checkScript, marker) {
		t.Error("script and reader disagree")
	}
}
