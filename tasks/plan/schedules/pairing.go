package schedules

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// derived finds the slugs that earlier releases made up for schedules without one. They say nothing: such a schedule has no name.
var derived = pattern.New(`^(?:default|schedule-[0-9a-f]{8})$`)

// Named tells whether somebody gave the schedule its slug.
func Named(slug string) bool { return slug != "" && !derived.MatchString(slug) }

// Pairing says which wanted schedule is which one on the server. A schedule has one identity, whoever made it: its slug, else what it says,
// else that no other is left on both sides. So it keeps its id, and the pause that somebody set.
type Pairing struct {
	Have []*prefect.Schedule // by wanted schedule; nil: it is new
	Rest []prefect.Schedule  // that nobody wants
}

// Pair finds the schedules again, the surest signs first. The order of the live ones does not matter.
func Pair(wanted []manifest.Schedule, live []prefect.Schedule) Pairing {
	live = slices.SortedFunc(slices.Values(live), func(a, b prefect.Schedule) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	p := pairs{wanted: wanted, live: live, of: make([]int, len(wanted)), taken: make([]bool, len(live))}
	for i := range p.of {
		p.of[i] = -1
	}
	p.bySlug()
	p.byText()
	p.byDetail()
	for _, of := range []func(map[string]any) map[string]any{ruleOf, timesOf, rhythmOf} {
		p.byRule(of)
	}
	p.byBeingAlone()
	out := Pairing{Have: make([]*prefect.Schedule, len(wanted))}
	for i, k := range p.of {
		if k >= 0 {
			out.Have[i] = &live[k]
		}
	}
	for k, s := range live {
		if !p.taken[k] {
			out.Rest = append(out.Rest, s)
		}
	}
	return out
}

// pairs is a pairing under way.
type pairs struct {
	wanted []manifest.Schedule
	live   []prefect.Schedule
	of     []int  // by wanted schedule: the live one's index, or -1
	taken  []bool // by live schedule
}

func (p *pairs) take(i, k int) { p.of[i], p.taken[k] = k, true }

// find pairs each wanted schedule that is still alone with the first such live one that is like it.
func (p *pairs) find(like func(want manifest.Schedule, have prefect.Schedule) bool) {
	for i, want := range p.wanted {
		if p.of[i] >= 0 {
			continue
		}
		for k, have := range p.live {
			if !p.taken[k] && like(want, have) {
				p.take(i, k)
				break
			}
		}
	}
}

func (p *pairs) bySlug() {
	p.find(func(want manifest.Schedule, have prefect.Schedule) bool {
		return want.Slug != "" && want.Slug == have.Slug
	})
	p.find(func(want manifest.Schedule, have prefect.Schedule) bool {
		return want.Replaces != "" && want.Replaces == have.Slug
	})
}

// byText pairs what says the same: rule, time zone and parameters. Of several a nameless one is preferred, and one that is as active as is
// wanted; who wants it one way or the other chooses before those who don't care.
func (p *pairs) byText() {
	for _, choosy := range []func(want manifest.Schedule, have prefect.Schedule) bool{
		func(want manifest.Schedule, have prefect.Schedule) bool {
			return !Named(have.Slug) && want.Active != nil && *want.Active == have.Active
		},
		func(want manifest.Schedule, have prefect.Schedule) bool {
			return !Named(have.Slug) && want.Active == nil
		},
		func(_ manifest.Schedule, have prefect.Schedule) bool { return !Named(have.Slug) },
		func(manifest.Schedule, prefect.Schedule) bool { return true },
	} {
		p.find(func(want manifest.Schedule, have prefect.Schedule) bool {
			return choosy(want, have) && reflect.DeepEqual(textFields(Wanted(want)), textFields(Stored(want, have)))
		})
	}
}

// byDetail pairs what says the same but for details that makers fill in differently: `.serve()` of Prefect 3.2 writes day_or as false.
func (p *pairs) byDetail() {
	p.find(func(want manifest.Schedule, have prefect.Schedule) bool {
		return !twoNames(want, have) && reflect.DeepEqual(plainly(textFields(Wanted(want))), plainly(textFields(Stored(want, have))))
	})
}

// byRule pairs schedules of one rule that have other parameters now, where it is clear which is which: there is one on each side, or the
// live ones are all paused or all active, so that whichever is taken for whichever keeps its pause. of gives what counts as the rule.
func (p *pairs) byRule(of func(map[string]any) map[string]any) {
	for i, want := range p.wanted {
		if p.of[i] >= 0 {
			continue
		}
		rule := of(Wanted(want))
		var left, right []int
		for j, other := range p.wanted {
			if p.of[j] < 0 && reflect.DeepEqual(of(Wanted(other)), rule) {
				left = append(left, j)
			}
		}
		for k, have := range p.live {
			if !p.taken[k] && reflect.DeepEqual(of(Stored(want, have)), rule) {
				right = append(right, k)
			}
		}
		if len(left) != len(right) || slices.ContainsFunc(right, func(k int) bool { return p.live[k].Active != p.live[right[0]].Active }) {
			continue
		}
		for n, j := range left {
			p.maybe(j, right[n])
		}
	}
}

// byBeingAlone pairs the only schedule that is left on each side: it was edited.
func (p *pairs) byBeingAlone() {
	left, right := onlyPlace(p.of, -1), onlyPlace(p.taken, false)
	if left >= 0 && right >= 0 {
		p.maybe(left, right)
	}
}

// onlyPlace gives where in a list a value stands once; -1 when it does not.
func onlyPlace[T comparable](list []T, v T) int {
	at := slices.Index(list, v)
	if at >= 0 && slices.Contains(list[at+1:], v) {
		return -1
	}
	return at
}

// maybe pairs two, unless they are certainly not the same.
func (p *pairs) maybe(i, k int) {
	if !twoNames(p.wanted[i], p.live[k]) {
		p.take(i, k)
	}
}

// twoNames tells whether both have names, which make two schedules of them.
func twoNames(want manifest.Schedule, have prefect.Schedule) bool {
	return want.Slug != "" && Named(have.Slug)
}

// textFields gives what a schedule in its normal form says, apart from whether it is active.
func textFields(s map[string]any) map[string]any {
	delete(s, "active")
	return s
}

// plainly leaves out details of when it runs.
func plainly(s map[string]any) map[string]any {
	delete(s, "day_or")
	delete(s, "anchor_date")
	return s
}

// ruleOf gives what a schedule says of when it runs.
func ruleOf(s map[string]any) map[string]any {
	delete(s, "parameters")
	return textFields(s)
}

// timesOf is [ruleOf] without details.
func timesOf(s map[string]any) map[string]any { return plainly(ruleOf(s)) }

// rhythmOf is [timesOf] in whatever time zone.
func rhythmOf(s map[string]any) map[string]any {
	delete(s, "timezone")
	return timesOf(s)
}

// Label names a wanted schedule in changes: by its slug, else by its place among several.
func Label(list []manifest.Schedule, i int) string {
	switch {
	case list[i].Slug != "":
		return "schedules." + list[i].Slug
	case len(list) == 1:
		return "schedules"
	default:
		return fmt.Sprintf("schedules.%d", i+1)
	}
}
