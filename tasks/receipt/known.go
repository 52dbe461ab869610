package receipt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Known is what the receipts say of the owner's deployments: how the last command that looked at each has left it.
type Known struct {
	// Damaged is when the command was whose receipt can't be read any more; zero when all could. What it and older ones knew is not known:
	// it may have told of deployments that were given back.
	Damaged time.Time

	newest  Receipt          // whole; without an ID there is none
	entries map[string]Entry // by deployment id, without what is deleted or given back
	all     bool             // no receipt was left unread that could say more
}

// mostRecalled bounds how many receipts are read: those of format 1 hold but a part of the deployments, and there may be hundreds.
const mostRecalled = 20

// Recall reads what the receipts say. The newest is enough, unless it is of format 1: then older ones add what it leaves out. A receipt
// of a newer format than this version knows is a fault of code Refused. Who is about to write calls it under the lock.
func Recall(ctx context.Context, api *prefect.Client, owner ownership.Owner) (Known, error) {
	var k Known
	for _, limit := range []int{1, mostRecalled} {
		list, more, err := latest(ctx, api, owner, limit)
		if err != nil {
			return Known{}, fmt.Errorf("reading the receipts: %w", err)
		}
		k = Known{entries: map[string]Entry{}}
		whole, err := k.read(ctx, api, list)
		if err != nil {
			return Known{}, err
		}
		if k.all = (whole || !more) && k.Damaged.IsZero(); whole || !more {
			break
		}
	}
	for id, e := range k.entries {
		if (e.Op == plan.Released || e.Op == plan.Delete) && e.Failure == "" {
			delete(k.entries, id)
		}
	}
	return k, nil
}

// read takes in receipts, the newest first, until one tells of every deployment or is damaged, and says whether that came.
func (k *Known) read(ctx context.Context, api *prefect.Client, list []Receipt) (whole bool, err error) {
	for _, r := range list {
		at := r.At
		r, err := Load(ctx, api, r)
		switch {
		case errors.Is(err, errDamaged):
			k.Damaged = at
			return true, nil
		case err != nil:
			return false, err
		}
		if k.newest.ID == "" {
			k.newest = r
		}
		k.learn(r)
		if r.Format >= Format {
			return true, nil
		}
	}
	return false, nil
}

// learn takes in a receipt that is older than those before it: it has a say only where they had none.
func (k Known) learn(r Receipt) {
	for _, e := range r.Entries {
		if e.ID == "" {
			continue
		}
		if r.Format < Format && (e.Op == plan.Create || e.Op == plan.Update) && e.Failure == "" {
			e.Commit = r.Commit
		}
		newer, there := k.entries[e.ID]
		if there { // format 1 has the commit only of what was written, and the digest only of what was deployed as a container then
			newer.Commit, newer.Digest = cmp.Or(newer.Commit, e.Commit), cmp.Or(newer.Digest, e.Digest)
			e = newer
		}
		k.entries[e.ID] = e
	}
}

// Has tells whether the deployment of that id was ours when the last command was done, and has not been given back.
func (k Known) Has(id string) bool {
	_, ok := k.entries[id]
	return ok
}

// understood is the refusal of a receipt of a newer format.
func (r Receipt) understood() error {
	if r.Format <= Format {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: fmt.Sprintf("the receipt that %s left at %s is of format %d; this flowmage knows %d", r.Who, r.At.Local().Format(time.DateTime), r.Format, Format),
		Where: Key(ownership.Owner{Project: r.Project, Env: r.Env}), Why: "a newer flowmage deploys here, and what it has noted would be lost or misread; nothing was written",
		Next: "update flowmage: go get github.com/flowmage/flowmage@latest",
	}
}

// latest gives the owner's newest receipts, the newest first, without their deployments; more tells whether there may be others.
func latest(ctx context.Context, api *prefect.Client, owner ownership.Owner, limit int) (list []Receipt, more bool, err error) {
	pages, err := api.Artifacts(ctx, Key(owner), limit)
	if err != nil {
		return nil, false, err
	}
	list, more = receiptsOf(owner, pages), len(pages) == limit
	if more && len(list) < limit { // some are of another project, whose name makes the same key
		all, err := History(ctx, api, owner, 0)
		if err != nil {
			return nil, false, err
		}
		more, list = len(all) > limit, all[max(0, len(all)-limit):]
	}
	slices.Reverse(list)
	return list, more, nil
}

// IDs gives those deployments by their ids.
func (k Known) IDs() map[string]bool {
	out := make(map[string]bool, len(k.entries))
	for id := range k.entries {
		out[id] = true
	}
	return out
}

// Drift is what happened to a deployment since the last apply, by other hands.
type Drift struct {
	Name string `json:"name"`
	Flow string `json:"flow"`
	What string `json:"what"`
}

// Drifted compares the server with what the receipts say: every deployment should be as it was left, and no other one be ours.
func Drifted(ctx context.Context, api *prefect.Client, owner ownership.Owner, known Known) ([]Drift, error) {
	byID := maps.Clone(known.entries)
	left, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}, IDs: slices.Sorted(maps.Keys(byID)), Or: true})
	if err != nil {
		return nil, err
	}
	var out []Drift
	appeared := map[string]int{} // by name
	for _, d := range left {
		e, known := byID[d.ID]
		switch {
		case known:
			delete(byID, d.ID)
			what, err := e.compare(owner, d)
			if err != nil {
				return nil, err
			}
			if what != "" {
				out = append(out, Drift{e.Name, e.Flow, what})
			}
		case owner.Owns(d.Tags):
			appeared[d.Name]++
		}
	}
	for _, e := range known.newest.Entries { // what an older one had, this one saw go
		if _, missing := byID[e.ID]; !missing || e.Hash == "" {
			continue
		}
		what := "it was deleted"
		if appeared[e.Name] > 0 {
			what = "it was deleted and made anew"
			appeared[e.Name]--
		}
		out = append(out, Drift{e.Name, e.Flow, what})
	}
	if !known.all { // a receipt that was not read may know them
		clear(appeared)
	}
	for name, n := range appeared {
		for range n {
			out = append(out, Drift{Name: name, What: "it carries our tag, and no deploy of ours made it"})
		}
	}
	slices.SortFunc(out, func(a, b Drift) int { return strings.Compare(a.Name+a.Flow, b.Name+b.Flow) })
	return out, nil
}

// compare tells what became of a deployment that is still there, "" when nothing did.
func (e Entry) compare(owner ownership.Owner, d prefect.Deployment) (string, error) {
	state, err := plan.StateOf(d)
	switch {
	case err != nil:
		return "", err
	case !owner.Owns(d.Tags):
		return owner.Lost(d.Tags), nil
	case e.Hash != "" && state.Hash() != e.Hash:
		return "it was changed", nil
	default:
		return "", nil
	}
}
