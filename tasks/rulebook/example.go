package rulebook

import (
	"embed"
	"strings"

	"golang.org/x/tools/txtar"
)

// Example shows what a rule finds, and how the same is right. Its files are those beside which a repository has nothing wrong.
type Example struct {
	Run  string // the flags of the command that finds it; mostly none
	At   string // file:line, or file
	Bad  []File
	Good []File
}

// File is one of an example.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

//go:embed examples
var examples embed.FS

// ExampleOf gives the example of a rule; false where it has none. See [Elsewhere].
//
// In examples/<code>.txtar the lines before the first file say how it is run (`run: -env=prod`) and where the finding stands (`at: envs/dev.yaml:2`);
// then come files in bad/ and in good/.
func ExampleOf(code string) (Example, bool) {
	data, err := examples.ReadFile("examples/" + code + ".txtar")
	if err != nil {
		return Example{}, false
	}
	archive := txtar.Parse(data)
	var e Example
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "run":
			e.Run = value
		case "at":
			e.At = value
		}
	}
	for _, f := range archive.Files {
		side, name, _ := strings.Cut(f.Name, "/")
		switch side {
		case "bad":
			e.Bad = append(e.Bad, File{name, string(f.Data)})
		case "good":
			e.Good = append(e.Good, File{name, string(f.Data)})
		}
	}
	return e, true
}
