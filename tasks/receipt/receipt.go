// Package receipt keeps on the server what each command that writes leaves behind: who, when, what was done, and each of our deployments as it is
// afterwards.
//
// Start with [New] and [Receipt.Store]. [Recall] gives what the receipts know of our deployments, whoever has written to them since; [Drifted] tells
// what other hands did.
package receipt

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Format is the format in which receipts are written. Those of format 1, which carry no number, hold only the deployments that
// their command was about.
const Format = 2

// Receipt is what an apply leaves on the server: who did what when, and what it replaced. Secrets are left out of it.
type Receipt struct {
	Format  int       `json:"format"`
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
	Op      plan.Op `json:"op"`
	Name    string  `json:"name"`
	Failure string  `json:"error,omitempty"`
}

// New tells what became of a plan.
func New(p plan.Plan, r plan.Result, after After, h lock.Holder) (Receipt, error) {
	out := newReceipt(p.Owner, h, p.Commit, p.Summary())
	for _, o := range r.Pools {
		out.Pools = append(out.Pools, PoolEntry{o.Op, o.Name, o.Failure})
	}
	var err error
	out.Entries, err = entriesOf(p, r, after)
	return out, err
}

// newReceipt gives one without deployments.
func newReceipt(owner ownership.Owner, h lock.Holder, commit, summary string) Receipt {
	now := time.Now().UTC()
	return Receipt{
		Format: Format, ID: now.Format("20060102t150405") + "-" + strings.ToLower(rand.Text()[:6]),
		Project: owner.Project, Env: owner.Env, Who: h.Who, Command: h.Command, Commit: commit, At: now, Summary: summary,
	}
}

// Redacted gives the receipt with every text that came from the server passed through hide: errors may quote what was sent, and a receipt is
// stored where the console hides nothing.
func (r Receipt) Redacted(hide func(string) string) Receipt {
	r.Entries, r.Pools = slices.Clone(r.Entries), slices.Clone(r.Pools)
	for i := range r.Entries {
		r.Entries[i].Failure = hide(r.Entries[i].Failure)
	}
	for i := range r.Pools {
		r.Pools[i].Failure = hide(r.Pools[i].Failure)
	}
	return r
}

// Note adds the digests of images, by deployment, so that it can be told later whether a tag still means the same. Others keep theirs.
func (r Receipt) Note(digests map[string]string) Receipt {
	r.Entries = slices.Clone(r.Entries)
	for i, e := range r.Entries {
		r.Entries[i].Digest = cmp.Or(digests[e.Name], e.Digest)
	}
	return r
}

// Digests gives the digests of images that are known of deployments, by name.
func Digests(ctx context.Context, api *prefect.Client, owner ownership.Owner) (map[string]string, error) {
	known, err := Recall(ctx, api, owner)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range known.entries {
		if e.Digest != "" {
			out[e.Name] = e.Digest
		}
	}
	return out, nil
}

// Key is the artifact key of an owner's receipts, and the front of the keys of their data.
func Key(o ownership.Owner) string {
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
	owner := ownership.Owner{Project: r.Project, Env: r.Env}
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
		Key: Key(owner), Type: "markdown", Description: fmt.Sprintf("%s to %s: %s", r.Project, r.Env, r.Summary), Data: page,
		Metadata: map[string]string{
			formatField: strconv.Itoa(r.Format), "id": r.ID, "owner": owner.Tag(), "who": r.Who, "command": r.Command, "commit": r.Commit, "at": r.At.Format(time.RFC3339),
			"summary": r.Summary, "parts": strconv.Itoa(len(parts)),
		},
	})
	return Key(owner), err
}

// page tells the receipt to people, in Markdown.
func (r Receipt) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s to %s\n\n%s\n\nby %s with `%s`, commit %s, %s\n\n| what | deployment | flow |\n| --- | --- | --- |\n",
		console.Inert(r.Project, console.Markdown), console.Inert(r.Env, console.Markdown), console.Inert(r.Summary, console.Markdown), console.Inert(r.Who, console.Markdown), strings.ReplaceAll(console.Inert(r.Command, console.Line), "`", "'"), cmp.Or(r.Commit, "none"), r.At.Format(time.DateTime+" MST"))
	row := func(op plan.Op, name, flow, failure string) {
		what := string(op)
		if failure != "" {
			what += " failed: " + console.Inert(failure, console.Markdown)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", what, console.Inert(name, console.Markdown), console.Inert(flow, console.Markdown))
	}
	for _, e := range r.Pools {
		row(e.Op, plan.PoolTitle(e.Name), "", e.Failure)
	}
	for _, e := range r.Entries {
		if e.Op != plan.Unchanged {
			row(e.Op, e.Name, e.Flow, e.Failure)
		}
	}
	return b.String()
}

// History gives the owner's receipts without their deployments, oldest first and numbered; at most limit of the newest when limit
// is above zero, and then numbered as among all that are read. [Load] fetches one whole.
func History(ctx context.Context, api *prefect.Client, owner ownership.Owner, limit int) ([]Receipt, error) {
	pages, err := api.Artifacts(ctx, Key(owner), limit)
	if err != nil {
		return nil, err
	}
	return receiptsOf(owner, pages), nil
}

// formatField names a receipt's format in its metadata; receipts of format 1 lack it.
const formatField = "format"

// receiptsOf reads the owner's among the pages of a key, the newest first, and gives them oldest first.
func receiptsOf(o ownership.Owner, pages []prefect.Artifact) []Receipt {
	var out []Receipt
	for _, p := range slices.Backward(pages) {
		m := p.Metadata
		if m["owner"] != o.Tag() { // another project may have the same slug
			continue
		}
		at, err := time.Parse(time.RFC3339, m["at"])
		if err != nil {
			at = p.Created
		}
		out = append(out, Receipt{
			Format: formatOf(m), ID: m["id"], Number: len(out) + 1, Project: o.Project, Env: o.Env, Who: m["who"], Command: m["command"], Commit: m["commit"],
			At: at, Summary: m["summary"],
		})
	}
	return out
}

// formatOf gives a receipt's format. What is no number is none that this version knows.
func formatOf(metadata map[string]string) int {
	text, numbered := metadata[formatField]
	if !numbered {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return Format + 1
	}
	return n
}

// errDamaged says that the data of a receipt can't be read.
var errDamaged = errors.New("its data can't be read")

// Load fetches a receipt whole. One of a newer format than this version knows is a fault of code Refused.
func Load(ctx context.Context, api *prefect.Client, r Receipt) (Receipt, error) {
	if err := r.understood(); err != nil {
		return Receipt{}, err
	}
	owner := ownership.Owner{Project: r.Project, Env: r.Env}
	parts, err := api.Artifacts(ctx, Key(owner)+"-"+r.ID, 0)
	if err != nil {
		return Receipt{}, err
	}
	data, err := unpack(parts)
	out := Receipt{}
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		err = dec.Decode(&out)
	}
	if err != nil {
		return Receipt{}, &fault.Error{
			Code: fault.Unexpected, What: "the receipt that " + r.Who + " left at " + r.At.Local().Format(time.DateTime) + " is damaged",
			Where: Key(owner) + "-" + r.ID, Why: "somebody has deleted or changed artifacts of it", Err: errors.Join(errDamaged, err),
			Next: "choose another one: mage deploy:history -env=" + r.Env,
		}
	}
	out.Number, out.Format = r.Number, max(out.Format, 1)
	return out, out.understood()
}

// Forget deletes all of the owner's receipts.
func Forget(ctx context.Context, api *prefect.Client, owner ownership.Owner) error {
	list, err := History(ctx, api, owner, 0)
	if err != nil {
		return err
	}
	keys := []string{Key(owner)}
	for _, r := range list {
		keys = append(keys, Key(owner)+"-"+r.ID)
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
			if err := prefect.IgnoreNotFound(api.DeleteArtifact(ctx, a.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}
