package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
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

// file finds a file that the user names: from the repository's root, unless the path is absolute.
func (s *Session) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Root, name)
}

// savePlan writes the plan for [Apply].
func (s *Session) savePlan(o DeployOptions, env string, plan plan.Plan) error {
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
	if err := s.tree().WriteNamed(o.Out, append(data, '\n'), 0o600); err != nil {
		return &fault.Error{Code: fault.Unexpected, What: "the plan can't be written", Where: o.Out, Err: tree.Reason(err), Next: "choose another file for -out="}
	}
	s.Console.Say("the plan is in %s; `mage deploy:apply %s` does exactly that, or nothing", o.Out, o.Out)
	return nil
}

// loadPlan reads what savePlan wrote.
func (s *Session) loadPlan(name string) (planFile, error) {
	wrong := &fault.Error{Code: fault.Usage, What: "this is no plan", Where: name, Next: "make one: mage deploy:plan -out=" + name}
	var p planFile
	data, err := s.tree().Named(name, tree.Plan)
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

// Apply executes a plan that deploy:plan wrote, if it is still what a deploy would do.
func Apply(ctx context.Context, s *Session, name string, o DeployOptions) error {
	s.waitFor(o.Wait)
	saved, err := s.loadPlan(name)
	if err != nil {
		return err
	}
	o.Env, o.Only, o.Prune, o.File, o.Project = saved.Env, saved.Only, saved.Prune, saved.File, saved.Project
	o.Command, o.exactly, o.reviewed = "deploy:apply", saved.Fingerprint, saved.Plan
	_, err = s.deploy(ctx, o)
	return err
}

// planning gives the command that makes a plan like the saved one.
func (o DeployOptions) planning() string {
	return o.line("deploy:plan", o.Env, fault.Flag{Name: "prune", On: o.Prune}, fault.Flag{Name: "out", Value: "FILE"})
}

// asReviewed refuses a plan that is another one than that of the file: what it does must have the file's fingerprint, and what people could read there
// must be what is done.
func (o DeployOptions) asReviewed(d draft, plan plan.Plan) error {
	now, err := plan.Fingerprint()
	if err != nil {
		return err
	}
	if now != o.exactly {
		return movedOn(plan, o.planning())
	}
	shown := plan
	shown.Actions = slices.Clone(plan.Actions)
	d.foretellImages(shown)
	place, err := printed.Differs(shown, o.reviewed)
	if place == "" || err != nil {
		return err
	}
	return &fault.Error{
		Code: fault.Refused, What: "the plan file does not show what would be done", Where: place,
		Why:  "either somebody has edited it, or the server has changed since; a deploy would now do: " + plan.Summary(),
		Next: "make a new plan and look at it: " + o.planning(),
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
