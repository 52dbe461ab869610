// Package memory keeps of files that had nothing to tell how they looked from outside and what they held, so that who reads a tree again opens
// only those that have changed, and parses only those that are new.
//
// Start with [Memory]. [Encode] gives its form on disk, which damage can only make forget: an entry that is torn fits no file.
package memory

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/flowmage/flowmage/tasks/tree"
)

// Digest stands for a file's text.
type Digest [sha256.Size]byte

// Of gives the digest of a text.
func Of(text []byte) Digest { return sha256.Sum256(text) }

// File is one that had nothing to tell. Its stamp is empty where the file may have been changed unnoticed since it was looked at.
type File struct {
	Stamp tree.Stamp
	Text  Digest
}

// Memory is what is known of files. Nobody changes it, so that several goroutines may ask. Nil knows nothing.
//
// The indexes have parts of what they find, since small keys are found soon. Of two entries that share one, which hardly happens, the first is
// forgotten.
type Memory struct {
	entries []byte // as they are on disk
	inodes  map[uint64]int32
	texts   func() map[uint64]int32 // by the first bytes of the digest
}

// New remembers what a program has left on disk.
func New(data []byte, program string) *Memory {
	m := &Memory{entries: entries(data, program)}
	m.inodes = m.index(inodeAt)
	m.texts = sync.OnceValue(func() map[uint64]int32 { return m.index(stampSize) })
	return m
}

func (m *Memory) index(at int) map[uint64]int32 {
	n := len(m.entries) / entrySize
	out := make(map[uint64]int32, n)
	for i := range n {
		out[binary.LittleEndian.Uint64(m.entries[i*entrySize+at:])] = int32(i)
	}
	return out
}

// Unchanged gives the file that looks so, wherever it lies now.
func (m *Memory) Unchanged(s tree.Stamp) (File, bool) {
	if m == nil || !s.Known() {
		return File{}, false
	}
	i, ok := m.inodes[s.Inode]
	if !ok {
		return File{}, false
	}
	f := m.file(i)
	return f, f.Stamp == s
}

// Holds tells whether a text is known.
func (m *Memory) Holds(text Digest) bool {
	if m == nil {
		return false
	}
	i, ok := m.texts()[binary.LittleEndian.Uint64(text[:])]
	return ok && m.file(i).Text == text
}

func (m *Memory) file(i int32) File { return decode(m.entries[int(i)*entrySize:]) }

// The form on disk: a line that numbers it, the digest of the program that wrote it, then the entries, each a stamp's five numbers and a digest.
const (
	format    = "flowmage files 1\n"
	head      = len(format) + sha256.Size
	stampSize = 5 * 8
	inodeAt   = 8
	entrySize = stampSize + sha256.Size
)

// Largest is how many bytes are believed: those of 200,000 files.
const Largest = 15 << 20

// Encode gives the form on disk of what a program has found. Another program judges by itself.
func Encode(files []File, program string) []byte {
	out := make([]byte, 0, head+len(files)*entrySize)
	out = append(out, header(program)...)
	for _, f := range files {
		for _, n := range [...]uint64{f.Stamp.Device, f.Stamp.Inode, uint64(f.Stamp.Size), uint64(f.Stamp.Modified), uint64(f.Stamp.Changed)} { //nolint:gosec // and back
			out = binary.LittleEndian.AppendUint64(out, n)
		}
		out = append(out, f.Text[:]...)
	}
	return out
}

// entries gives the whole entries of what Encode gives: none of what another program wrote, or nobody.
func entries(data []byte, program string) []byte {
	if len(data) < head || len(data) > Largest || string(data[:head]) != header(program) {
		return nil
	}
	data = data[head:]
	return data[:len(data)/entrySize*entrySize]
}

func decode(entry []byte) File {
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(entry[8*i:]) }
	return File{
		Stamp: tree.Stamp{Device: number(0), Inode: number(1), Size: int64(number(2)), Modified: int64(number(3)), Changed: int64(number(4))}, //nolint:gosec // as written
		Text:  Digest(entry[stampSize:entrySize]),
	}
}

func header(program string) string {
	digest := Of([]byte(program))
	return format + string(digest[:])
}
