package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/config"
)

// BenchmarkLoad reads settings that override each of 1,000 flows in both files, and asks for each flow's.
func BenchmarkLoad(b *testing.B) {
	var base, file strings.Builder
	base.WriteString("flows:\n")
	file.WriteString("flows:\n")
	for i := range 1000 {
		fmt.Fprintf(&base, "  flow-%d:\n    tags: [a, b]\n    parameters: {batch_size: %d, options: {x: 1}}\n    schedules: [{interval: 60}]\n", i, i)
		fmt.Fprintf(&file, "  flow-%d:\n    +tags: [c]\n    parameters: {options: {y: 2}}\n", i)
	}
	s := trial{base: base.String(), file: file.String()}.source()
	for b.Loop() {
		e, _, err := config.Load(s)
		if err != nil {
			b.Fatal(err)
		}
		for i := range 1000 {
			e.Settings(fmt.Sprintf("flow-%d", i), "folder", "main")
		}
	}
}
