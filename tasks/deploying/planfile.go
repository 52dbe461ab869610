package deploying

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// planFile is a plan on disk: what people review, and a fingerprint by which an apply makes sure that it does exactly that. Values
// that look secret are masked in it, so the plan itself is made again from the repository.
type planFile struct {
	Format      int             `json:"format"`
	Fingerprint string          `json:"fingerprint"`
	Env         string          `json:"environment"`
	Only        []string        `json:"only,omitempty"`
	Prune       bool            `json:"prune,omitempty"`
	File        string          `json:"file,omitempty"`
	Project     string          `json:"project,omitempty"` // of a manifest by -file
	Plan        json.RawMessage `json:"plan"`
}

// planFormat is the number of the format that this version writes and reads.
const planFormat = 1

// SavePlan writes the plan for [Apply].
func SavePlan(s *session.Session, o draft.Options, env string, plan plan.Plan) error {
	fingerprint, err := plan.Fingerprint()
	if err != nil {
		return err
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(planFile{
		Format: planFormat, Fingerprint: fingerprint, Env: env, Only: o.Only, Prune: o.Prune, File: o.File, Project: o.Project, Plan: text,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := s.Tree().WriteNamed(o.Out, append(data, '\n'), 0o600); err != nil {
		return &fault.Error{Code: fault.Unexpected, What: "the plan can't be written", Where: o.Out, Err: tree.Reason(err), Next: "choose another file for -out="}
	}
	s.Console.Say("the plan is in %s; `mage deploy:apply %s` does exactly that, or nothing", o.Out, o.Out)
	return nil
}

// LoadPlan reads what savePlan wrote.
func LoadPlan(s *session.Session, name string) (planFile, error) {
	wrong := &fault.Error{Code: fault.Usage, What: "this is no plan", Where: name, Next: "make one: mage deploy:plan -out=" + name}
	var p planFile
	data, err := s.Tree().Named(name, tree.Plan)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		wrong.What = "there is no such file"
		return p, wrong
	case err != nil:
		wrong.What, wrong.Err = "the plan can't be read", tree.Reason(err)
		return p, wrong
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		wrong.Why, wrong.Err = misread(err), err
		return p, wrong
	}
	switch {
	case p.Format != planFormat:
		wrong.Why = fmt.Sprintf("its format is %d, this version knows %d", p.Format, planFormat)
		return p, wrong
	case p.Fingerprint == "" || p.Env == "":
		wrong.Why = "it lacks the fingerprint or the environment"
		return p, wrong
	}
	return p, nil
}

// misread says why a text is no plan.
func misread(err error) string {
	typed, wrongType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it breaks off in the middle"
	case wrongType:
		return fmt.Sprintf("its %s can't be a %s", typed.Field, typed.Value)
	default:
		return strings.TrimPrefix(err.Error(), "json: ")
	}
}
