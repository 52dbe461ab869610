package image

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Check is what must hold in a flow's image before anything is deployed from it.
type Check struct {
	Root       string   `json:"root"`       // the folder of the code
	Entrypoint string   `json:"entrypoint"` // file:function
	Flow       string   `json:"flow"`       // its name
	Parameters []string `json:"parameters"` // their names, in order
	Volumes    []string `json:"volumes"`    // folders that runs write to
	Server     string   `json:"server"`     // the server's release; empty: not known
	Folders    []string `json:"folders"`    // folders that runs only read
	User       string   `json:"-"`          // uid:gid that runs have; empty: the image's own
	Binds      []string `json:"-"`          // host:container, where runs are on this machine
}

//go:embed check.py
var checkScript string

// marker begins the line with the script's findings: what the flow's own module prints at import goes before it.
const marker = "flowmage-check:"

// run starts the image and looks. The error is a *fault.Error with everything that is wrong.
func (c Check) run(ctx context.Context, in Interface, s Spec, id string) error {
	question, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("the question for the image: %w", err)
	}
	out, err := in.Run(ctx, Command{Image: id, User: c.User, Volumes: c.Binds, Args: []string{"python", "-c", checkScript, string(question)}})
	if err != nil {
		return err
	}
	f := &fault.Error{
		Code: fault.Image, What: fmt.Sprintf("the image of %s would not run its flow", s.Name), Where: s.Dockerfile,
		Next: "correct the Dockerfile, the requirements or the flow; nothing was deployed from this image",
	}
	at := strings.LastIndex(out.Text, marker)
	if at < 0 {
		f.Why = fmt.Sprintf("the check ended with code %d:\n%s", out.Code, lastLines(out.Text, 8))
		return f
	}
	var problems []string
	line, _, _ := strings.Cut(out.Text[at+len(marker):], "\n")
	if err := json.Unmarshal([]byte(line), &problems); err != nil {
		f.Why = "the check's answer can't be read: " + line
		return f
	}
	if len(problems) == 0 {
		return nil
	}
	f.Why = strings.Join(problems, "\n")
	return f
}
