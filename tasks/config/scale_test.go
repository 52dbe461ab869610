package config_test

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/config"
)

func TestScaleFindings(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"api: 0": "value-range", "api: 101": "value-range", "workers: -1": "value-range", "port: 65536": "value-range", "api: two": "type-wrong",
		"image: Robots": "value-bad", "image: 'a b'": "value-bad", "storage: ten": "value-bad", "storage: 0Gi": "value-bad",
		"images: {redis: ''}": "value-bad", "images: {mysql: x}": "key-unknown", "apis: 2": "key-unknown",
		"image: 'registry.example.com:5000/a-b/c__d:1.2@sha256:" + strings.Repeat("a", 64) + "'": "", "storage: 512Mi": "",
	}
	for text, want := range tests {
		_, findings, err := config.Load(trial{file: "scale: {" + text + "}"}.source())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(findings) > 0 {
			got = findings[0].Code
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
