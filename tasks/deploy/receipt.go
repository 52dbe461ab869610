package deploy

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Receipt is what an apply leaves on the server: who did what when, and what it replaced. Secrets are left out of it.
type Receipt struct {
	ID      string    `json:"id"`
	Number  int       `json:"-"` // from 1, the oldest
	Project string    `json:"project"`
	Env     string    `json:"environment"`
	Who     string    `json:"who"`
	Command string    `json:"command"`
	Commit  string    `json:"commit"`
	At      time.Time `json:"at"`
	Summary string    `json:"summary"`
	Entries []Entry   `json:"deployments"`
	// Pools are the work pools that were written. A rollback leaves them alone.
	Pools []PoolEntry `json:"pools,omitempty"`
}

// PoolEntry is one work pool in a receipt.
type PoolEntry struct {
	Op      Op     `json:"op"`
	Name    string `json:"name"`
	Failure string `json:"error,omitempty"`
}

// Entry is one deployment in a receipt. Every deployment that was ours afterwards has one.
type Entry struct {
	Op      Op     `json:"op"`
	Name    string `json:"name"`
	Flow    string `json:"flow"`
	ID      string `json:"id,omitempty"`
	Hash    string `json:"hash,omitempty"`  // of its state afterwards; empty when it is gone or failed
	Prior   *State `json:"prior,omitempty"` // what an update or a deletion replaced
	Failure string `json:"error,omitempty"`
	Digest  string `json:"digest,omitempty"` // of its image, where it is deployed by tag from a registry
}

// Unchanged gives the hashes of what the plan leaves as it is, by deployment id. They can be computed while the server works on the
// rest.
func (p Plan) Unchanged() (map[string]string, error) {
	out := map[string]string{}
	for _, a := range p.Actions {
		if a.have == nil || a.Op == Update || a.Op == Delete {
			continue
		}
		state, err := stateOf(*a.have)
		if err != nil {
			return nil, fmt.Errorf("deployment %s: %w", a.Name, err)
		}
		out[a.ID] = state.Hash()
	}
	return out, nil
}

// NewReceipt tells what became of a plan. stored are the states that were read back, by deployment id; unchanged is what
// [Plan.Unchanged] gave.
func NewReceipt(p Plan, r Result, stored map[string]State, unchanged map[string]string, h Holder) (Receipt, error) {
	out := Receipt{
		ID:      time.Now().UTC().Format("20060102t150405") + "-" + strings.ToLower(rand.Text()[:6]),
		Project: p.Project, Env: p.Env, Who: h.Who, Command: h.Command, Commit: p.Commit, At: time.Now().UTC(), Summary: p.Summary(),
	}
	for _, o := range r.Pools {
		out.Pools = append(out.Pools, PoolEntry{o.Op, o.Name, o.Failure})
	}
	for i, o := range r.Outcomes {
		e, ok, err := entry(p.Actions[i], o, stored, unchanged)
		if err != nil {
			return Receipt{}, err
		}
		if ok {
			out.Entries = append(out.Entries, e)
		}
	}
	return out, nil
}

// Note adds the digests of images, by deployment, so that it can be told later whether a tag still means the same.
func (r Receipt) Note(digests map[string]string) Receipt {
	r.Entries = slices.Clone(r.Entries)
	for i := range r.Entries {
		r.Entries[i].Digest = digests[r.Entries[i].Name]
	}
	return r
}

// Digests gives the digests that the latest receipts have noted, by deployment.
func Digests(ctx context.Context, api *prefect.Client, owner Owner) (map[string]string, error) {
	const latest = 20
	list, err := History(ctx, api, owner, latest)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range list { // the oldest first: later ones win
		whole, err := Load(ctx, api, r)
		if err != nil {
			return nil, err
		}
		for _, e := range whole.Entries {
			if e.Digest != "" {
				out[e.Name] = e.Digest
			}
		}
	}
	return out, nil
}

// entry gives a deployment's part of a receipt; ok is false when it is not ours or not on the server.
func entry(a Action, o Outcome, stored map[string]State, unchanged map[string]string) (Entry, bool, error) {
	e := Entry{Op: o.Op, Name: o.Name, Flow: o.Flow, ID: o.ID, Failure: o.Failure}
	if s, ok := stored[o.ID]; ok {
		e.Hash = s.Hash()
	}
	if a.have == nil {
		return e, o.Op == Create, nil
	}
	if hash, known := unchanged[o.ID]; known {
		e.Hash = hash
		return e, true, nil
	}
	prior, err := stateOf(*a.have)
	if err != nil {
		return e, false, fmt.Errorf("deployment %s: %w", a.Name, err)
	}
	switch o.Op {
	case Update, Delete:
		e.Prior = new(prior.masked())
	default: // planned as an update, and after its steps there was nothing to write
		e.Hash = prior.Hash()
	}
	return e, true, nil
}

// ReceiptKey is the artifact key of an owner's receipts, and the front of the keys of their data.
func ReceiptKey(o Owner) string {
	return "flowmage-" + slug(o.Project) + "-" + slug(o.Env)
}

func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s)), "-")
}

// Store writes the receipt: its data in parts, then a page for people, which makes it count. It gives the page's key for a link.
func (r Receipt) Store(ctx context.Context, api *prefect.Client) (key string, err error) {
	owner := Owner{Project: r.Project, Env: r.Env}
	parts, err := r.pack()
	if err != nil {
		return "", err
	}
	for _, part := range parts {
		if _, err := api.CreateArtifact(ctx, part); err != nil {
			return "", err
		}
	}
	page, err := json.Marshal(r.page())
	if err != nil {
		return "", fmt.Errorf("receipt: %w", err)
	}
	_, err = api.CreateArtifact(ctx, prefect.Artifact{
		Key: ReceiptKey(owner), Type: "markdown", Description: fmt.Sprintf("%s to %s: %s", r.Project, r.Env, r.Summary), Data: page,
		Metadata: map[string]string{
			"id": r.ID, "owner": owner.Tag(), "who": r.Who, "command": r.Command, "commit": r.Commit, "at": r.At.Format(time.RFC3339),
			"summary": r.Summary, "parts": strconv.Itoa(len(parts)),
		},
	})
	return ReceiptKey(owner), err
}

// page tells the receipt to people, in Markdown.
func (r Receipt) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s to %s\n\n%s\n\nby %s with `%s`, commit %s, %s\n\n| what | deployment | flow |\n| --- | --- | --- |\n",
		r.Project, r.Env, r.Summary, r.Who, r.Command, cmp.Or(r.Commit, "none"), r.At.Format(time.DateTime+" MST"))
	row := func(op Op, name, flow, failure string) {
		what := string(op)
		if failure != "" {
			what += " failed: " + strings.ReplaceAll(failure, "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", what, name, flow)
	}
	for _, e := range r.Pools {
		row(e.Op, poolTitle(e.Name), "", e.Failure)
	}
	for _, e := range r.Entries {
		if e.Op != Unchanged {
			row(e.Op, e.Name, e.Flow, e.Failure)
		}
	}
	return b.String()
}

// History gives the owner's receipts without their deployments, oldest first and numbered; at most limit of the newest when limit
// is above zero, and then numbered as among all that are read. [Load] fetches one whole.
func History(ctx context.Context, api *prefect.Client, owner Owner, limit int) ([]Receipt, error) {
	pages, err := api.Artifacts(ctx, ReceiptKey(owner), limit)
	if err != nil {
		return nil, err
	}
	var out []Receipt
	for _, p := range slices.Backward(pages) {
		m := p.Metadata
		if m["owner"] != owner.Tag() { // another project may have the same slug
			continue
		}
		at, err := time.Parse(time.RFC3339, m["at"])
		if err != nil {
			at = p.Created
		}
		out = append(out, Receipt{
			ID: m["id"], Number: len(out) + 1, Project: owner.Project, Env: owner.Env, Who: m["who"], Command: m["command"], Commit: m["commit"],
			At: at, Summary: m["summary"],
		})
	}
	return out, nil
}

// Load fetches a receipt whole.
func Load(ctx context.Context, api *prefect.Client, r Receipt) (Receipt, error) {
	owner := Owner{Project: r.Project, Env: r.Env}
	parts, err := api.Artifacts(ctx, ReceiptKey(owner)+"-"+r.ID, 0)
	if err != nil {
		return Receipt{}, err
	}
	data, err := unpack(parts)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt %s is damaged: %w", r.ID, err)
	}
	out := Receipt{Number: r.Number}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		return Receipt{}, fmt.Errorf("receipt %s is damaged: %w", r.ID, err)
	}
	out.Number = r.Number
	return out, nil
}

// Forget deletes all of the owner's receipts.
func Forget(ctx context.Context, api *prefect.Client, owner Owner) error {
	list, err := History(ctx, api, owner, 0)
	if err != nil {
		return err
	}
	keys := []string{ReceiptKey(owner)}
	for _, r := range list {
		keys = append(keys, ReceiptKey(owner)+"-"+r.ID)
	}
	for _, key := range keys {
		artifacts, err := api.Artifacts(ctx, key, 0)
		if err != nil {
			return err
		}
		for _, a := range artifacts {
			if o := a.Metadata["owner"]; o != "" && o != owner.Tag() {
				continue
			}
			if err := api.DeleteArtifact(ctx, a.ID); err != nil && !prefect.IsNotFound(err) {
				return err
			}
		}
	}
	return nil
}
