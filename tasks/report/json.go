package report

import (
	"bytes"
	"encoding/json"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// document is the report as JSON has it. docs/report.schema.json describes it.
type document struct {
	Format      int              `json:"format"`
	Tool        tool             `json:"tool"`
	Environment string           `json:"environment"`
	Since       *Since           `json:"since,omitempty"`
	Findings    finding.List     `json:"findings,omitzero"`
	Rules       map[string]*rule `json:"rules,omitempty"`
	Rungs       ladder.Rungs     `json:"rungs,omitzero"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// rule is what all findings with one code have in common.
type rule struct {
	Severity finding.Severity `json:"severity"`
	Means    string           `json:"means,omitempty"`
	Why      string           `json:"why,omitempty"`
}

func (r Report) json() ([]byte, error) {
	out := document{Format: Number, Tool: tool{name, r.Version}, Environment: r.Env, Since: r.Since, Findings: r.Findings, Rungs: r.Rungs}
	if r.Findings != nil {
		out.Findings = append(finding.List{}, r.Findings...)
	}
	for _, code := range r.codes() {
		if known, ok := r.Rules[code]; ok {
			if out.Rules == nil {
				out.Rules = map[string]*rule{}
			}
			out.Rules[code] = &rule{known.Severity, known.Means, known.Why}
		}
	}
	return encoded(out)
}

// encoded writes JSON for people too, and makes it inert: what is not to be seen stands there as its code.
func encoded(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(console.Inert(b.String(), console.JSON)), nil
}
