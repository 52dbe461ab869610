package memory_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/tree"
)

const program = "a program"

func files() []memory.File {
	return []memory.File{
		{Stamp: tree.Stamp{Device: 1, Inode: 2, Size: 3, Modified: 4, Changed: 5}, Text: memory.Of([]byte("a"))},
		{Text: memory.Of([]byte("b"))}, // changed a moment ago
		{Stamp: tree.Stamp{Device: 1, Inode: 3, Size: 3, Modified: -4, Changed: 5}, Text: memory.Of([]byte("a"))},
	}
}

// What is written is known again, and nothing else: not after damage, not to another program.
func TestForms(t *testing.T) {
	t.Parallel()
	whole := memory.Encode(files(), program)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-100] ^= 1
	type knows struct {
		Stamps [3]bool
		Texts  [3]bool
	}
	for name, c := range map[string]struct {
		data []byte
		by   string
		want knows
	}{
		"whole":           {whole, program, knows{[3]bool{true, false, true}, [3]bool{true, true, true}}},
		"another program": {whole, "another", knows{}},
		"a newer format":  {bytes.Replace(whole, []byte("files 1"), []byte("files 2"), 1), program, knows{}},
		"none":            {nil, program, knows{}},
		"cut":             {whole[:len(whole)-1], program, knows{[3]bool{true, false, false}, [3]bool{true, true, true}}},
		"cut in the head": {whole[:20], program, knows{}},
		"flipped":         {flipped, program, knows{[3]bool{true, false, true}, [3]bool{true, false, true}}},
		"too large":       {append(bytes.Clone(whole), make([]byte, memory.Largest)...), program, knows{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := memory.New(c.data, c.by)
			var got knows
			for i, f := range files() {
				found, ok := m.Unchanged(f.Stamp)
				if got.Stamps[i] = ok; ok && found != f {
					t.Errorf("%v instead of %v", found, f)
				}
				got.Texts[i] = m.Holds(f.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNilKnowsNothing(t *testing.T) {
	t.Parallel()
	var m *memory.Memory
	if _, ok := m.Unchanged(files()[0].Stamp); ok || m.Holds(memory.Of(nil)) {
		t.Error("it knows something")
	}
}

// Whatever lies on disk, what is known of a file is what stands there of that very file.
func FuzzMemory(f *testing.F) {
	whole := memory.Encode(files(), program)
	f.Add(whole, 0)
	f.Add(whole[:len(whole)-30], 60)
	f.Add([]byte("flowmage files 1\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		if at >= 0 && at < len(data) && len(data) < len(whole) { // most texts would not have the head
			copy(data, whole[:at])
		}
		m := memory.New(data, program)
		for _, file := range files() {
			if found, ok := m.Unchanged(file.Stamp); ok && found.Stamp != file.Stamp {
				t.Errorf("%v for %v", found, file)
			}
			if m.Holds(file.Text) && !bytes.Contains(data, file.Text[:]) {
				t.Errorf("%x is not there", file.Text)
			}
		}
	})
}
