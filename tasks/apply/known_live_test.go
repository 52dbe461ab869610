//go:build e2e

package apply_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// only gives the manifest without the second deployment of [pair], as -only leaves it out.
func only() string { return strings.Split(pair, "  - {name: two")[0] }

// told gives the drift in words.
func (b *bench) told(t *testing.T) string {
	t.Helper()
	var words []string
	for _, d := range b.drift(t) {
		words = append(words, d.Name+" "+d.What)
	}
	return strings.Join(words, "; ")
}

// newest gives the newest receipt, whole.
func (b *bench) newest(t *testing.T) receipt.Receipt {
	t.Helper()
	list, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil || len(list) == 0 {
		t.Fatal(err, list)
	}
	r, err := receipt.Load(t.Context(), b.api, list[len(list)-1])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// named gives a deployment by its name.
func (b *bench) named(t *testing.T, name string) prefect.Deployment {
	t.Helper()
	d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (b *bench) set(t *testing.T, name, field string, v any) {
	t.Helper()
	if err := b.api.UpdateDeployment(t.Context(), b.named(t, name).ID, map[string]any{field: v}); err != nil {
		t.Fatal(err)
	}
}

// at gives the plan with a commit.
func at(p plan.Plan, commit string) plan.Plan {
	p.Commit = commit
	return p
}

// A receipt tells of all that is ours, whatever the command was about: what it did not look at as the receipt before has it, so that
// other hands are still told of.
func TestReceiptTellsAll(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, at(b.plan(t, pair), "c1"))
	b.set(t, "two", "description", "by hand")
	b.execute(t, at(b.plan(t, strings.Replace(only(), "n: 1", "n: 2", 1)), "c2"))
	if got := b.told(t); got != "two it was changed" {
		t.Errorf("after a partial deploy: got %q", got)
	}
	type line struct {
		Op                                plan.Op
		Name, Entrypoint, Version, Commit string
		Hashed                            bool
	}
	var lines []line
	for _, e := range b.newest(t).Entries {
		lines = append(lines, line{e.Op, e.Name, e.Entrypoint, e.Version, e.Commit, e.Hash != ""})
	}
	want := []line{
		{plan.Update, "one", "flows/f.py:f", "abc", "c2", true},
		{plan.Unchanged, "two", "flows/f.py:f", "abc", "c1", true},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}

	// What was ours and is gone is not carried on; what carries the tag and was never told of is taken as it is.
	if err := b.api.DeleteDeployment(t.Context(), b.named(t, "two").ID); err != nil {
		t.Fatal(err)
	}
	_, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": "three", "flow_id": b.named(t, "one").FlowID, "tags": []string{b.owner.Tag()}})
	if err != nil {
		t.Fatal(err)
	}
	b.execute(t, b.plan(t, strings.Replace(only(), "n: 1", "n: 3", 1)))
	if got := b.told(t); got != "" {
		t.Errorf("after the next one: got %q", got)
	}
	var names []string
	for _, e := range b.newest(t).Entries {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{"one", "three"}, names); diff != "" {
		t.Error(diff)
	}
}

// Digests of images are kept over commands that are not about them, and go with the next write that has none.
func TestDigestsStay(t *testing.T) {
	t.Parallel()
	b := open(t)
	digests := func() string {
		got, err := receipt.Digests(t.Context(), b.api, b.owner)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got)
	}
	b.execute(t, b.plan(t, pair))
	pushed := b.newest(t).Note(map[string]string{"two": "sha256:2"})
	pushed.ID += "-again"
	if _, err := pushed.Store(t.Context(), b.api); err != nil {
		t.Fatal(err)
	}
	b.execute(t, b.plan(t, strings.Replace(only(), "n: 1", "n: 2", 1)))
	b.execute(t, b.plan(t, strings.Replace(pair, "n: 1", "n: 3", 1)))
	if got := digests(); got != "map[two:sha256:2]" {
		t.Errorf("got %s", got)
	}
	b.execute(t, b.plan(t, strings.Replace(pair, "entrypoint: \"flows/f.py:f\", work", "entrypoint: \"flows/f.py:f\", description: new, work", 1)))
	if got := digests(); got != "map[]" {
		t.Errorf("after an update: got %s", got)
	}
}

// A receipt whose data somebody has deleted stops nothing: what it and older ones knew is not known, and the next one tells all again.
func TestDamagedReceipt(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, b.plan(t, pair))
	history, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := b.api.Artifacts(t.Context(), receipt.Key(b.owner)+"-"+history[0].ID, 0)
	if err != nil || len(parts) != 1 {
		t.Fatal(err, parts)
	}
	if err := b.api.DeleteArtifact(t.Context(), parts[0].ID); err != nil {
		t.Fatal(err)
	}
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil || known.Damaged.IsZero() || known.Has(b.named(t, "one").ID) {
		t.Fatalf("%v %+v", err, known)
	}
	if got := b.told(t); got != "" {
		t.Errorf("status says %q", got)
	}
	b.untagged(t, "two") // nobody remembers that it was ours
	if a := actionOf(t, b.plan(t, pair), "two"); a.Op != plan.Blocked {
		t.Errorf("two: %s", a.Op)
	}
	if _, _, err := live.Rollback(t.Context(), b.api, b.owner, history, 0); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a rollback to it: %v", err)
	}
	b.execute(t, b.plan(t, strings.Replace(only(), "n: 1", "n: 2", 1)))
	known, err = receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil || !known.Damaged.IsZero() || !known.Has(b.named(t, "one").ID) {
		t.Errorf("after the next deploy: %v %+v", err, known)
	}
}

// What lost our tag and was claimed by others since is theirs: the next receipt does not carry it on.
func TestClaimedSince(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, b.plan(t, pair))
	two := b.named(t, "two").ID
	b.set(t, "two", "tags", []string{"flowmage:warehouse/prod"})
	b.execute(t, b.plan(t, strings.Replace(only(), "n: 1", "n: 2", 1)))
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil || known.Has(two) {
		t.Errorf("%v, known %v", err, known.Has(two))
	}
	if got := b.told(t); got != "" {
		t.Errorf("status says %q", got)
	}
	b.untagged(t, "two")
	if a := actionOf(t, b.plan(t, strings.Replace(pair, "n: 1", "n: 2", 1)), "two"); a.Op != plan.Blocked {
		t.Errorf("given back by others: %s", a.Op)
	}
}

// older stores a receipt of format 1 with exactly the keys that it has.
func (b *bench) older(t *testing.T, number int, entries string) {
	t.Helper()
	id := fmt.Sprintf("20260102t030405-%06d", number)
	text := fmt.Sprintf(`{"id": %q, "project": %q, "environment": "dev", "who": "anna@old", "command": "mage deploy:all -env=dev", "commit": "old%d",
		"at": "2026-01-02T03:04:05Z", "summary": "as it was", "deployments": [%s]}`, id, b.owner.Project, number, entries)
	for _, a := range []prefect.Artifact{
		{Key: receipt.Key(b.owner) + "-" + id, Type: "flowmage-receipt", Data: quoted(t, text), Metadata: map[string]string{"part": "0000"}},
		{Key: receipt.Key(b.owner), Type: "markdown", Description: "as it was", Data: quoted(t, "# as it was"), Metadata: map[string]string{
			"id": id, "owner": b.owner.Tag(), "who": "anna@old", "command": "mage deploy:all -env=dev", "commit": fmt.Sprint("old", number),
			"at": "2026-01-02T03:04:05Z", "summary": "as it was", "parts": "1",
		}},
	} {
		if _, err := b.api.CreateArtifact(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
}

func quoted(t *testing.T, text string) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// apart applies a plan and leaves no receipt.
func (b *bench) apart(t *testing.T, text string) {
	t.Helper()
	r, err := apply.Apply(t.Context(), b.api, b.plan(t, text), apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
}

// Receipts of format 1 hold only what their command was about. Together they still tell who did what, and lead back.
func TestReceiptsOfFormatOne(t *testing.T) {
	t.Parallel()
	b := open(t)
	entry := func(op, name, more string) string {
		hashes, err := b.plan(t, pair).Unchanged()
		if err != nil {
			t.Fatal(err)
		}
		id := b.named(t, name).ID
		return fmt.Sprintf(`{"op": %q, "name": %q, "flow": %q, "id": %q, "hash": %q%s}`, op, name, b.flow.Name, id, hashes[id], more)
	}
	b.apart(t, pair)
	gone := fmt.Sprintf(`{"op": "create", "name": "gone", "flow": %q, "id": "5f0c1c0a-0000-4000-8000-000000000001", "hash": "00"}`, b.flow.Name)
	first := b.named(t, "one")
	b.older(t, 1, entry("create", "one", "")+","+entry("create", "two", `, "digest": "sha256:2"`)+","+gone)
	b.older(t, 2, entry("unchanged", "one", "")+","+entry("unchanged", "two", ""))
	second := strings.Replace(only(), "n: 1", "n: 2", 1)
	b.apart(t, second)
	prior := fmt.Sprintf(`, "prior": {"fields": {"parameters": {"api_key": "********", "n": 1}, "tags": [%q], "entrypoint": "flows/f.py:f", "work_pool_name": %q}, "schedules": []}`,
		b.owner.Tag(), b.pool)
	hashes, err := b.plan(t, second).Unchanged()
	if err != nil {
		t.Fatal(err)
	}
	b.older(t, 3, fmt.Sprintf(`{"op": "update", "name": "one", "flow": %q, "id": %q, "hash": %q%s}`, b.flow.Name, first.ID, hashes[first.ID], prior))
	if got := b.told(t); got != "" {
		t.Errorf("other hands are invented: %q", got)
	}
	b.set(t, "two", "description", "by hand")
	if got := b.told(t); got != "two it was changed" {
		t.Errorf("other hands are not seen: %q", got)
	}

	history, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := live.Rollback(t.Context(), b.api, b.owner, history, 1)
	if err != nil || back.Count(plan.Update) != 1 {
		t.Fatal(err, back.Summary())
	}
	b.execute(t, back)
	if got := string(b.named(t, "one").Parameters["n"].(json.Number)); got != "1" {
		t.Errorf("rolled back to n = %s", got)
	}
	r := b.newest(t)
	i := slices.IndexFunc(r.Entries, func(e receipt.Entry) bool { return e.Name == "two" })
	if r.Format != receipt.Format || len(r.Entries) != 2 || i < 0 {
		t.Fatalf("got %+v", r)
	}
	if e := r.Entries[i]; e.Commit != "old1" || e.Digest != "sha256:2" || e.Entrypoint != "flows/f.py:f" || e.Version != "abc" {
		t.Errorf("what format 1 tells is not carried on: %+v", e)
	}
	if got := b.told(t); got != "two it was changed" {
		t.Errorf("after the rollback: %q", got)
	}
	if last, _, err := live.Rollback(t.Context(), b.api, b.owner, history, 0); err != nil || last.Count(plan.Delete) != 2 {
		t.Error(err, last.Summary())
	}
}

// Of hundreds of partial receipts not all are read. What the others may know is nobody's doing then.
func TestManyReceiptsOfFormatOne(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apart(t, pair)
	hashes, err := b.plan(t, pair).Unchanged()
	if err != nil {
		t.Fatal(err)
	}
	one := b.named(t, "one").ID
	for n := range 21 {
		b.older(t, 1000+n, fmt.Sprintf(`{"op": "unchanged", "name": "one", "flow": %q, "id": %q, "hash": %q}`, b.flow.Name, one, hashes[one]))
	}
	if got := b.told(t); got != "" {
		t.Errorf("got %q", got)
	}
	b.set(t, "one", "description", "by hand")
	if got := b.told(t); got != "one it was changed" {
		t.Errorf("got %q", got)
	}
}

// What could not be written is in the receipt as it is, with the failure.
func TestReceiptOfFailures(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, at(b.plan(t, pair), "c1"))
	p := at(b.plan(t, strings.Replace(pair, "n: 1", "n: 2", 1)), "c2")
	var r plan.Result
	for _, a := range p.Actions {
		o := plan.Outcome{Op: a.Op, Name: a.Name, Flow: a.Flow, ID: a.ID}
		if a.Op == plan.Update {
			o.Err, o.Failure = errRefused, errRefused.Error()
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	b.set(t, "one", "description", "half of it") // as a write leaves it that fails in the middle
	if err := note(t.Context(), b.api, p, r, apply.Confirmed{}); err != nil {
		t.Fatal(err)
	}
	if got := b.told(t); got != "" {
		t.Errorf("got %q", got)
	}
	if e := b.newest(t).Entries[0]; e.Name != "one" || e.Failure != "refused" || e.Hash == "" || e.Prior == nil || e.Commit != "c1" {
		t.Errorf("got %+v", e)
	}
	// The work pools failed, so that no deployment was even tried.
	if err := note(t.Context(), b.api, p, plan.Result{Pools: []plan.Outcome{{Op: plan.Create, Name: "p", Err: errRefused}}}, apply.Confirmed{}); err != nil {
		t.Fatal(err)
	}
	if got := b.newest(t); len(got.Entries) != 2 || b.told(t) != "" {
		t.Errorf("got %+v, %q", got, b.told(t))
	}
}

var errRefused = errors.New("refused")

// A receipt of a newer format stops whoever needs to know what it says, and whoever would write after it.
func TestNewerReceipt(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	b.execute(t, b.plan(t, pair))
	newer := b.newest(t)
	newer.Format, newer.ID = receipt.Format+1, "20300102t030405-abcdef"
	if _, err := newer.Store(ctx, b.api); err != nil {
		t.Fatal(err)
	}
	history, err := receipt.History(ctx, b.api, b.owner, 0)
	if err != nil || len(history) != 2 {
		t.Fatal(err, history) // who did it can be told all the same
	}
	b.set(t, "one", "tags", []string{"theirs"})
	for name, do := range map[string]func() error{
		"to recall":    func() error { _, err := receipt.Recall(ctx, b.api, b.owner); return err },
		"to load":      func() error { _, err := receipt.Load(ctx, b.api, history[1]); return err },
		"to roll back": func() error { _, _, err := live.Rollback(ctx, b.api, b.owner, history, 1); return err },
		"to know whose": func() error {
			_, err := live.Read(ctx, b.api, b.owner, []plan.Desired{{Name: "one", Flow: &b.flow}}, nil)
			return err
		},
		"to load, where only the data tells": func() error {
			unmarked := history[1]
			unmarked.Format = 1
			_, err := receipt.Load(ctx, b.api, unmarked)
			return err
		},
	} {
		err := do()
		if fault.CodeOf(err) != fault.Refused || !strings.Contains(fmt.Sprint(err), "is of format 3; this flowmage knows 2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Of two projects whose names make one key, each finds its own receipts, whoever was last.
func TestSharedReceiptKey(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, b.plan(t, pair))
	other := b.newest(t)
	other.Project, other.ID = strings.ToUpper(b.owner.Project), "20300102t030405-abcdef"
	t.Cleanup(func() { _ = receipt.Forget(t.Context(), b.api, ownership.Owner{Project: other.Project, Env: "dev"}) })
	if _, err := other.Store(t.Context(), b.api); err != nil {
		t.Fatal(err)
	}
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil || !known.Has(b.named(t, "one").ID) {
		t.Error(err, known)
	}
	if err := receipt.Forget(t.Context(), b.api, ownership.Owner{Project: other.Project, Env: "dev"}); err != nil {
		t.Fatal(err)
	}
}
