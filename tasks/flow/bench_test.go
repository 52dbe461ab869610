package flow

import (
	"os"
	"testing"
)

// BenchmarkScan reads the tree that FLOWMAGE_BENCH_TREE names.
func BenchmarkScan(b *testing.B) {
	folder := os.Getenv("FLOWMAGE_BENCH_TREE")
	if folder == "" {
		b.Skip("FLOWMAGE_BENCH_TREE is not set")
	}
	for name, options := range map[string]Options{"all": {}, "skim": {Skim: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Scan(b.Context(), Folder(folder), options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
