package python

import (
	"os"
	"testing"
)

// preloaded gives the sources of the interpreter's library.
func preloaded(b *testing.B) (sources [][]byte, size int64) {
	b.Helper()
	for _, path := range library(b, interpreters(b)[0], 2000) {
		src, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		sources, size = append(sources, src), size+int64(len(src))
	}
	return sources, size
}

func BenchmarkCheck(b *testing.B) {
	sources, size := preloaded(b)
	b.SetBytes(size)
	var r Reader
	for b.Loop() {
		for _, src := range sources {
			_ = r.Check(src)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	sources, size := preloaded(b)
	b.SetBytes(size)
	var r Reader
	for b.Loop() {
		for _, src := range sources {
			_, _ = r.Parse(src)
		}
	}
}

func BenchmarkTokenize(b *testing.B) {
	sources, size := preloaded(b)
	b.SetBytes(size)
	var t tokenizer
	for b.Loop() {
		for _, src := range sources {
			_ = t.run(src)
		}
	}
}
