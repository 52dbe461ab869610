package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/templates"
)

// A template that would go on for hours, with or without a word, ends after so many steps, wherever its loops are.
func TestEndlessTemplates(t *testing.T) {
	t.Parallel()
	var doubling strings.Builder
	doubling.WriteString(`{{ define "t0" }}{{ end }}`)
	for i := range 60 {
		fmt.Fprintf(&doubling, `{{ define "t%d" }}{{ template "t%d" }}{{ template "t%d" }}{{ end }}`, i+1, i, i)
	}
	const loop = "{{ range 1000000000000 }}"
	for name, text := range map[string]string{
		"nothing": loop + "{{ end }}", "in an if": "{{ if true }}" + loop + "{{ end }}{{ end }}", "in an else": "{{ if false }}{{ else }}" + loop + "{{ end }}{{ end }}",
		"in a with": "{{ with 1 }}" + loop + "{{ end }}{{ end }}", "in a with's else": "{{ with 0 }}{{ else }}" + loop + "{{ end }}{{ end }}",
		"in a loop's else": "{{ range 0 }}{{ else }}" + loop + "{{ end }}{{ end }}", "in a loop": "{{ range 2 }}" + loop + "{{ end }}{{ end }}",
		"in a template": `{{ define "a" }}` + loop + `{{ end }}{{ end }}{{ template "a" }}`, "in a block": `{{ block "a" . }}` + loop + "{{ end }}{{ end }}",
		"many parts": "{{ range 1000000 }}" + strings.Repeat("{{ if false }}{{ end }}", 10_000) + "{{ end }}", "many words": "{{ range 1000000 }}{{ $x := and" + strings.Repeat(" 1", 10_000) + " }}{{ end }}",
		"words in brackets": "{{ range 1000000 }}{{ if (and" + strings.Repeat(" 1", 10_000) + ") }}{{ end }}{{ end }}",
		"doubling":          doubling.String() + `{{ template "t60" }}`,
		"texts":             `{{ $x := "0123456789abcdef" }}{{ range 19 }}{{ $x = print $x $x }}{{ end }}{{ range 1000000 }}{{ $y := print $x }}{{ end }}`,
		"escaped texts":     `{{ $x := "0123456789abcdef" }}{{ range 19 }}{{ $x = print $x $x }}{{ end }}{{ range 1000000 }}{{ $y := yaml $x }}{{ end }}`,
		"wide texts":        `{{ range 1000000 }}{{ $y := printf "%999999d" 1 }}{{ end }}`,
		"its own count":     loop + "{{ $x := flowmage_step -1000000000 }}{{ end }}",
		"continued":         loop + "{{ continue }}{{ end }}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := execute(fstest.MapFS{"templates/x.tmpl": {Data: []byte(text)}}, fstest.MapFS{}, "x.tmpl", struct{}{}, limits{200_000, longestOutput, 5 * time.Minute})
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || !strings.Contains(f.Why, "more than 200000 steps") {
				t.Errorf("%v", err)
			}
		})
	}
}

// Ten thousand flows, with long values, take less than half of the steps that there are.
func TestManyFlowsFit(t *testing.T) {
	t.Parallel()
	one := Deployment{
		Name: "n", Flow: "f", Kind: "python", Entrypoint: "flows/a/workflow.py:run", Description: strings.Repeat("words ", 100), Tags: []string{"a", "b", "c"},
		Parameters: map[string]any{"a": 1, "b": strings.Repeat("x", 500)}, Schedules: []map[string]any{{"cron": "* * * * *"}}, Pull: []map[string]any{{"step": strings.Repeat("x", 500)}},
		Pool: Pool{Name: "p", Queue: "q"}, JobVariables: map[string]any{"env": map[string]any{"A": strings.Repeat("x", 1000)}},
	}
	const part = 20
	dot := input{Deployments: slices.Repeat([]Deployment{one}, 10_000/part)}
	text, err := templates.FS.ReadFile(Manifest)
	if err != nil {
		t.Fatal(err)
	}
	own := fstest.MapFS{Folder + "/" + Manifest: {Data: text}}
	if _, err := execute(own, templates.FS, Manifest, dot, limits{longestWork / part / 2, longestOutput, 5 * time.Minute}); err != nil {
		t.Error(err)
	}
}
