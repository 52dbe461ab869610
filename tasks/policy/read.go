package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Is tells whether a file holds policies.
func Is(file string) bool {
	return path.Dir(file) == Folder && (path.Ext(file) == ".yaml" || path.Ext(file) == ".yml")
}

// Files gives the files of a repository that hold policies, sorted; none where there is no such folder.
func Files(root fs.FS) []string {
	list, err := fs.ReadDir(root, Folder)
	if err != nil {
		return nil
	}
	var out []string
	for _, entry := range list {
		if file := path.Join(Folder, entry.Name()); Is(file) {
			out = append(out, file)
		}
	}
	return out
}

// Read gives the policies of a repository, and what is wrong with them. One with anything wrong is left out, and the errors block everything: nobody
// knows what it would have found. builtin are the rules whose codes are taken.
func Read(root fs.FS, builtin func() finding.Catalogue) ([]Policy, finding.List) {
	files := Files(root)
	if len(files) == 0 {
		return nil, nil
	}
	r := reading{taken: map[string]string{}}
	if builtin != nil {
		for code := range builtin() {
			r.taken[code] = "a built-in rule"
		}
	}
	for _, file := range files {
		data, err := document.Loaded(tree.Read(root, file, document.Largest))
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				r.findings = append(r.findings, catalogue.New("file-unreadable", finding.Everything(), finding.Finding{
					Position: finding.Position{File: file}, Message: fmt.Sprintf("can't read the file: %v", tree.Reason(err)), Fix: "make it a file that you may read",
				}))
			}
			continue
		}
		r.file(file, data)
	}
	return r.policies, r.findings
}

// reading collects policies.
type reading struct {
	policies []Policy
	findings finding.List
	taken    map[string]string // who has a code
	language *language
}

// file takes in what one file says.
func (r *reading) file(name string, data []byte) {
	if foreign(name, data) {
		r.findings = append(r.findings, catalogue.New("policy-foreign", finding.OfFile(name), finding.Finding{
			Position: finding.Position{File: name}, Message: "the file has no key \"policies\", and is passed over",
			Fix: "none, if it is for another program; else list its policies under `policies:`",
		}))
		return
	}
	said := config.ReadDeclared(name, data, setting.OfPolicies())
	r.findings = append(r.findings, said.Findings...)
	var out struct {
		Policies []Policy `koanf:"policies"`
	}
	if said.Findings.HasErrors() {
		return
	}
	if err := setting.Decode(&out, said.Values); err != nil {
		r.fail("type-wrong", finding.Position{File: name}, err.Error(), "write it as docs/policies.md shows")
		return
	}
	where := newPlaces(name, data)
	for i, p := range out.Policies {
		at := []string{"policies", setting.Index(i)}
		p.At = said.At(append(at, "code")...)
		for k := range p.Examples {
			p.Examples[k].At = said.At(append(at, "examples", setting.Index(k))...)
		}
		r.policy(p, where, i)
	}
}

// foreign tells whether a file is for another program, which keeps its own policies in a folder of that name: it has neither our key nor one that could
// be meant for it.
func foreign(name string, data []byte) bool {
	root, _ := document.Read(name, data)
	if root == nil {
		return !bytes.Contains(data, []byte(ownKey)) && len(bytes.TrimSpace(data)) > 0
	}
	for _, e := range document.Entries(root, nil, func(document.Flaw) {}) {
		if finding.Nearest(e.Name, []string{ownKey}) != "" {
			return false
		}
	}
	return true
}

// ownKey is that of a file's policies.
const ownKey = "policies"

// policy takes in one, if it can be used.
func (r *reading) policy(p Policy, where places, i int) {
	if other := r.taken[p.Code]; other != "" {
		r.fail("policy-code", p.At, p.Code+" is "+other+" already", "give it another code")
		return
	}
	r.taken[p.Code] = "the policy at " + p.At.String()
	if r.language == nil {
		r.language = &language{}
	}
	var wrong []mistake
	p.holds, wrong = r.language.compile(p.Over, p.Expression, truth())
	fine := r.mistaken(wrong, p, where, i, "expression")
	if p.Telling != "" {
		p.telling, wrong = r.language.compile(p.Over, p.Telling, aText())
		fine = r.mistaken(wrong, p, where, i, "message_expression") && fine
	}
	if fine {
		r.policies = append(r.policies, p)
	}
}

// mistaken reports what is wrong in an expression.
func (r *reading) mistaken(list []mistake, p Policy, where places, i int, key string) bool {
	for _, m := range list {
		at := where.in(i, key, m.line, m.column)
		if at.Line == 0 {
			at = p.At
		}
		at.Key = "policies[" + strconv.Itoa(i) + "]." + key
		r.fail("policy-expression", at, p.Code+": "+m.text, m.fix)
	}
	return len(list) == 0
}

func (r *reading) fail(code string, at finding.Position, message, fix string) {
	r.findings = append(r.findings, catalogue.New(code, finding.Everything(), finding.Finding{Position: at, Message: message, Fix: fix}))
}

// Changed tells of files that a pull request has otherwise than the branch it is to be merged into.
func Changed(files []string, base string) finding.List {
	out := make(finding.List, 0, len(files))
	for _, file := range files {
		out = append(out, catalogue.New("policy-changed", finding.Everything(), finding.Finding{
			Position: finding.Position{File: file}, Message: "the policies are others here than in " + base + ", which count", Fix: "none, if it is meant: they hold once they are merged",
		}))
	}
	return out
}
