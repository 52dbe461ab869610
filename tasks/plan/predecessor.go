package plan

import (
	"slices"
	"strings"
)

// A deployment that nothing asks for any more may be what another one replaces: of a renamed flow, say. Which one is not written down
// anywhere, so whatever shares a file, a flow or a name with something that could not be written counts as its predecessor, and stays.

// Replaces tells whether b may take the place of a.
func (b Action) Replaces(a Action) bool {
	file := func(x Action) string { before, _, _ := strings.Cut(x.Entrypoint, ":"); return before }
	same := func(x, y string) bool { return x == y && x != "" }
	return same(file(a), file(b)) || same(a.Flow, b.Flow) || same(a.Name, b.Name)
}

// laterOn says when what stays for its replacement goes.
const (
	LaterOn   = " and may be its replacement; the next deploy deletes it once that is written"
	replacing = " is blocked" + LaterOn
)

// KeepPredecessors takes back the deletion of what a blocked deployment may replace, and of work pools that a blocked one may.
func (p *Plan) KeepPredecessors() {
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Op != Delete {
			continue
		}
		at := slices.IndexFunc(p.Actions, func(b Action) bool { return b.Op == Blocked && b.Replaces(*a) })
		if at >= 0 {
			a.Op, a.Stays = Leftover, p.Actions[at].Name+replacing
		}
	}
	at := slices.IndexFunc(p.Pools, func(x Pool) bool { return x.Op == Blocked })
	for i := range p.Pools {
		if x := &p.Pools[i]; at >= 0 && x.Op == Delete {
			x.Op, x.Stays = Leftover, PoolTitle(p.Pools[at].Name)+replacing
		}
	}
}
