package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/mend"
	"github.com/flowmage/flowmage/tasks/tree"
)

// mayMend refuses to write into a stranger's repository, and a question in the middle of what programs read.
func (v *reporting) mayMend(o VerifyOptions) error {
	switch {
	case !o.Fix && o.Yes:
		return &fault.Error{Code: fault.Usage, What: "-yes without -fix agrees to nothing; nothing was run", Next: "add -fix, or leave -yes out"}
	case !o.Fix:
		return nil
	case !v.streams():
		return &fault.Error{
			Code: fault.Usage, What: "-fix shows what it changes to people, and -format and -out write for others; nothing was run", Next: "fix first, then run the command again without -fix",
		}
	}
	return v.s.RequireTrust()
}

// sayFixable tells people that there is something which -fix does for them.
func (v *reporting) sayFixable(o VerifyOptions) {
	edits := map[finding.Edit]bool{}
	for _, f := range v.report.Findings {
		if f.Edit.Old != "" {
			edits[f.Edit] = true
		}
	}
	if n := len(edits); n > 0 && !o.Fix && v.streams() && !v.s.Stance().Untrusted {
		v.s.Console.Say("%s can be fixed as said: -fix (make: FIX=1) shows how, and does it", console.Count(n, "finding"))
	}
}

// mend shows what the findings' own edits change, and writes it once that is agreed to. It tells whether anything is another than it was.
func (v *reporting) mend(ctx context.Context, o VerifyOptions) (bool, error) {
	if !o.Fix {
		return false, nil
	}
	read := func(file string) ([]byte, error) { return tree.Read(v.s.Tree(), file, tree.Source) }
	list, err := mend.Of(v.report.Findings, read)
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		v.s.Console.Say("nothing of this can be fixed without you")
		return false, nil
	}
	edits := 0
	for _, c := range list {
		v.s.Console.Printf("%s", c.Diff())
		edits += c.Edits
	}
	what := fmt.Sprintf("make %s in %s?", console.Count(edits, "edit"), console.Count(len(list), "file"))
	if err := v.s.Console.ConfirmUnless(ctx, o.Yes, what); err != nil {
		return false, err
	}
	for _, c := range list {
		if now, err := read(c.File); err != nil || string(now) != c.Before {
			return false, &fault.Error{Code: fault.Refused, What: c.File + " has changed meanwhile", Err: err, Next: "run the same command again"}
		}
		if err := v.s.Tree().Write(c.File, []byte(c.After), 0o666); err != nil {
			return false, &fault.Error{Code: fault.Unexpected, What: c.File + " can't be written", Err: tree.Reason(err), Next: "make it writable, then run the same command again"}
		}
		v.s.Console.Printf("fixed     %s\n", c.File)
	}
	v.s = v.s.Anew()
	return true, nil
}
