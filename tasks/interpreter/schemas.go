package interpreter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/templates"
)

// The program that tells flows' parameters, as the binary carries it and as it lies in .flowmage/bin.
const (
	schemasSource = "python/schemas.py"
	schemasScript = "flowmage_schemas.py"
)

// Question is what Prefect shall be asked.
type Question struct {
	Requirements []string // as of [Installation.Wanted]: what the flows import must be there
	Env          []string // more variables for the program, as NAME=VALUE; they win
	Entrypoints  []string // file:function, those of one file side by side
}

// Answers are what Prefect says.
type Answers struct {
	Prefect  string   `json:"prefect"` // the versions that answer
	Pydantic string   `json:"pydantic"`
	List     []Answer `json:"-"` // one for each entrypoint
}

// Answer is what Prefect says of one flow: its parameter_openapi_schema, or why there is none, and in which file and line as far as known.
type Answer struct {
	Schema json.RawMessage `json:"schema"`
	Reason string          `json:"reason"`
	File   string          `json:"file"` // relative to the root, with forward slashes
	Line   int             `json:"line"`
}

// Schemas asks Prefect for the parameter schemas of flows, by loading them in the environment's Python, which is made ready before. One
// program loads them all; when a flow ends or stalls it, another one goes on behind that flow's file. An answer that takes longer than half a
// minute is not waited for, nor are all together for longer than five minutes.
func (i *Installation) Schemas(ctx context.Context, env Env, q Question) (Answers, error) {
	program, err := templates.FS.ReadFile(schemasSource)
	if err != nil {
		return Answers{}, err
	}
	if err := folder.WriteIfDifferent(i.folder.Path("bin", schemasScript), program); err != nil {
		return Answers{}, i.folder.Unwritable(err)
	}
	flows := console.Count(len(q.Entrypoints), "flow")
	step := i.console.Begin("asking Prefect %s for the parameters of %s", env.Prefect, flows)
	until, cancel := context.WithTimeout(ctx, i.limits.answers)
	defer cancel()
	var all Answers
	for len(all.List) < len(q.Entrypoints) {
		left := q.Entrypoints[len(all.List):]
		some, reason := i.askPrefect(until, env, q.Env, left)
		switch {
		case ctx.Err() != nil:
			return Answers{}, step.Failed(ctx.Err())
		case until.Err() != nil:
			some.List = append(some.List, unanswered(left[len(some.List):], "there was no time left to load it", false)...)
		case some.Prefect == "":
			return Answers{}, step.Failed(i.schemasFault(env))
		default:
			some.List = append(some.List, unanswered(left[len(some.List):], reason, true)...)
		}
		some.List = append(all.List, some.List...)
		some.Prefect = cmp.Or(some.Prefect, env.Prefect)
		all = some
	}
	step.Done("Prefect %s was asked for the parameters of %s", env.Prefect, flows)
	return all, nil
}

// unanswered gives the answers of those that have none: of all, or of those in the first one's file.
func unanswered(entrypoints []string, reason string, file bool) []Answer {
	var out []Answer
	for _, e := range entrypoints {
		if file && fileOf(e) != fileOf(entrypoints[0]) {
			break
		}
		out = append(out, Answer{Reason: reason})
	}
	return out
}

func fileOf(entrypoint string) string {
	return entrypoint[:max(strings.LastIndexByte(entrypoint, ':'), 0)]
}

// askPrefect has one program load flows, and gives its answers up to the flow that ends or stalls it, and why it ended there.
func (i *Installation) askPrefect(ctx context.Context, env Env, more, entrypoints []string) (Answers, string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	order, err := json.Marshal(entrypoints)
	if err != nil {
		return Answers{}, err.Error()
	}
	log, err := os.Create(i.folder.Path("logs", "schemas.log"))
	if err != nil {
		return Answers{}, err.Error()
	}
	defer log.Close() //nolint:errcheck // a line lost at the end is no reason to fail
	cmd := exec.CommandContext(ctx, env.Python, i.folder.Path("bin", schemasScript))
	cmd.Dir, cmd.Stdin, cmd.Stderr = i.folder.Root, bytes.NewReader(order), log
	cmd.Env = i.schemasEnviron(more, env)
	identity.Separate(cmd)
	cmd.Cancel = func() error { return identity.Kill(cmd.Process.Pid) }
	cmd.WaitDelay = i.limits.stop
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Answers{}, err.Error()
	}
	if err := cmd.Start(); err != nil {
		return Answers{}, err.Error()
	}
	late := time.AfterFunc(i.limits.start, cancel)
	defer late.Stop()
	var found Answers
	dec := json.NewDecoder(out)
	for err = dec.Decode(&found); err == nil && len(found.List) < len(entrypoints); {
		late.Reset(i.limits.answer)
		var a Answer
		if err = dec.Decode(&a); err == nil {
			found.List = append(found.List, a)
		}
	}
	stalled := ctx.Err() != nil
	cancel() // what it does after the last answer is of no interest
	_ = cmd.Wait()
	if stalled {
		return found, fmt.Sprintf("loading it takes longer than %s", i.limits.answer)
	}
	return found, "loading it has ended the whole program"
}

func (i *Installation) schemasEnviron(more []string, env Env) Variables {
	return i.ClientEnviron(env, "", append([]string{"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE=false"}, more...))
}

func (i *Installation) schemasFault(env Env) error {
	said, _ := folder.Read(i.folder.Path("logs", "schemas.log")) // nothing of it is a poorer message, no other
	return &fault.Error{
		Code: fault.Server, What: "Prefect can't be asked for parameters", Where: env.Python, Why: telling(strings.Split(strings.TrimSpace(string(said)), "\n"), 6),
		Next: "mend the environment, or leave out the line `schemas: python` in envs/",
	}
}
