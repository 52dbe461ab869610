package build

import (
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/image"
)

// building shows what builds say, and on one line how far each has come. Nothing is shown when nothing is built.
type building struct {
	console *console.Console
	mu      sync.Mutex
	lines   sync.Mutex // see [image.Prefixed]
	step    *console.Step
	stages  map[string]string // by image: 3/9
}

// log gives where the image's builder writes.
func (b *building) log(name string) io.Writer {
	return image.Prefixed(lineWriter{b, name}, &b.lines, name)
}

// lineWriter gets whole lines, each with the image's name in front.
type lineWriter struct {
	building *building
	name     string
}

func (t lineWriter) Write(line []byte) (int, error) {
	b := t.building
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.step == nil {
		b.step = b.console.Begin("making images")
	}
	if _, said, ok := strings.Cut(string(line), " | "); ok {
		if stage, ok := image.Stage(said); ok {
			b.stages[t.name] = stage
			all := make([]string, 0, len(b.stages))
			for _, name := range slices.Sorted(maps.Keys(b.stages)) {
				all = append(all, name+" "+b.stages[name])
			}
			b.step.Detail("%s", strings.Join(all, ", "))
		}
	}
	return b.step.Above().Write(line)
}

// end tells how many were made of those that were begun.
func (b *building) end(results []image.Result) {
	if b.step == nil {
		return
	}
	made, failed := 0, 0
	for _, r := range results {
		switch {
		case r.Err != nil:
			failed++
		case r.Built || r.Pushed:
			made++
		}
	}
	if failed > 0 {
		b.step.Fail()
		return
	}
	b.step.Done("%s made", console.Count(made, "image"))
}
