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
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// PlanFile is a plan on disk: what people review, and a fingerprint by which an apply makes sure that it does exactly that. Values
// that look secret are masked in it, so the plan itself is made again from the repository.
type PlanFile struct {
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

// SavePlan writes a plan to a file, for deploy:apply.
func SavePlan(s *session.Session, file string, c draft.Compared) error {
	plan, o := c.Plan, c.Options
	fingerprint, err := plan.Fingerprint()
	if err != nil {
		return err
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(PlanFile{
		Format: planFormat, Fingerprint: fingerprint, Env: c.Env.Name, Only: o.Only, Prune: o.Prune, File: o.File, Project: o.Project, Plan: text,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := s.Tree().WriteNamed(file, append(data, '\n'), 0o600); err != nil {
		return &fault.Error{Code: fault.Unexpected, What: "the plan can't be written", Where: file, Err: tree.Reason(err), Next: "choose another file for -out="}
	}
	s.Console.Say("the plan is in %s; `mage deploy:apply %s` does exactly that, or nothing", file, file)
	return nil
}

// LoadPlan reads what [SavePlan] wrote.
func LoadPlan(s *session.Session, name string) (PlanFile, error) {
	wrong := &fault.Error{Code: fault.Usage, What: "this is no plan", Where: name, Next: "make one: mage deploy:plan -out=" + name}
	var p PlanFile
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

// reviewed refuses a plan that is another one than that of the file: what it does must have the file's fingerprint, and what people could
// read there must be what is done.
func (p PlanFile) reviewed(c draft.Compared) error {
	now, err := c.Plan.Fingerprint()
	if err != nil {
		return err
	}
	if now != p.Fingerprint {
		return movedOn(c.Plan, c.Options.Planning())
	}
	shown := c.ForetellImages(c.Plan)
	place, err := printed.Differs(shown, p.Plan)
	if place == "" || err != nil {
		return err
	}
	return &fault.Error{
		Code: fault.Refused, What: "the plan file does not show what would be done", Where: place,
		Why:  "either somebody has edited it, or the server has changed since; a deploy would now do: " + c.Plan.Summary(),
		Next: "make a new plan and look at it: " + c.Options.Planning(),
	}
}

// movedOn is the refusal of a plan that does not hold any more. planning is the command for a new one.
func movedOn(plan plan.Plan, planning string) error {
	return &fault.Error{
		Code: fault.Refused, What: "the plan does not hold any more", Where: plan.API,
		Why:  "the server or the repository has changed since it was made; a deploy would now do: " + plan.Summary(),
		Next: "make a new plan and look at it: " + planning,
	}
}
