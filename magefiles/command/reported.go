package command

import (
	"context"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/report"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/tasks/version"
)

// reporting takes in what a verify target finds. People get it as it comes; in any other form it is written once, when all is known.
type reporting struct {
	s      *session.Session
	format report.Format
	out    string // a file; "" for the console
	report report.Report
}

// reported does what a verify target says, and reports what that has found, whether it went well or not.
func reported(s *session.Session, o VerifyOptions, do func(*reporting) error) error {
	format, err := o.format()
	if err != nil {
		return err
	}
	v := &reporting{s: s, format: format, out: o.Out, report: report.Report{Version: version.Program().Short(), Prefix: s.Prefix()}}
	err = do(v)
	if v.streams() || v.report.Findings == nil && v.report.Rungs == nil { // nothing was found out: the error says why
		return err
	}
	if wrong := v.write(); wrong != nil {
		return wrong
	}
	return err
}

// format gives the form that -format and -json want.
func (o VerifyOptions) format() (report.Format, error) {
	format, err := report.ParseFormat(o.Format)
	switch {
	case err != nil:
		return "", err
	case o.JSON && o.Format != "" && format != report.JSON:
		return "", &fault.Error{
			Code: fault.Usage, What: "-json and -format=" + o.Format + " want two forms; nothing was run", Why: "-json is short for -format=json", Next: "leave one of them out",
		}
	case o.JSON:
		return report.JSON, nil
	}
	return format, nil
}

// streams tells whether people read along.
func (v *reporting) streams() bool { return v.format == report.Text && v.out == "" }

// about says of which environment the report is.
func (v *reporting) about(env config.Env) {
	v.report.Env, v.report.Home = env.Name, "envs/"+env.Name+".yaml"
}

// judged takes in what the rules have found.
func (v *reporting) judged(ctx context.Context, d draft.Rendered, since *report.Since) {
	v.about(d.Env)
	v.report.Findings, v.report.Rules, v.report.Since = append(finding.List{}, d.Findings...), v.s.AllRules(ctx), since
	v.report.Flows = make([]report.Flow, 0, len(d.Flows))
	for _, f := range d.Flows {
		v.report.Flows = append(v.report.Flows, report.Flow{Name: f.Name, File: f.File})
	}
	if !v.streams() {
		return
	}
	if text := v.report.Told(v.view()); text != "" {
		v.s.Console.Say("%s", strings.TrimSuffix(text, "\n"))
	}
	if !v.report.Findings.HasErrors() {
		v.s.Console.Printf("%s", v.report.Well())
	}
}

// climbed takes in rungs. The error is for the first failed one, which explains the others.
func (v *reporting) climbed(rungs ladder.Rungs) error {
	v.report.Rungs = append(append(ladder.Rungs{}, v.report.Rungs...), rungs...)
	if v.streams() {
		for _, r := range rungs {
			v.s.Console.Printf("%s\n", r)
		}
	}
	failed, bad := rungs.Failure()
	if !bad {
		return nil
	}
	return &fault.Error{
		Code: failed.Code, What: failed.Name + ": " + failed.Detail, Why: failed.Why, Next: failed.Next,
	}
}

func (v *reporting) view() report.View {
	return report.View{Paint: v.s.Console.Paint, Excerpt: report.Excerpts(v.s.Tree())}
}

// write writes the whole report, without the secrets that are known, to where it is wanted.
func (v *reporting) write() error {
	excerpt := report.Excerpts(v.s.Tree())
	text, err := v.report.Mapped(v.s.Console.Redacted).Bytes(v.format, report.View{Excerpt: func(p finding.Position) (string, int) {
		source, caret := excerpt(p)
		return v.s.Console.Redacted(source), caret
	}})
	if err != nil {
		return err
	}
	if v.out == "" {
		return v.s.Console.Result(text)
	}
	if err := v.s.Tree().WriteNamed(v.out, text, 0o644); err != nil {
		return &fault.Error{
			Code: fault.Unexpected, What: "the report can't be written", Where: v.out, Err: tree.Reason(err), Next: tree.Next(err, "choose another file for -out="),
		}
	}
	v.s.Console.Printf("the report is in %s\n", v.out)
	return nil
}
