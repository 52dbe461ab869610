//go:build e2e

package apply_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestScheduleSequences lets several makers, people at the UI and deploys of ours change the schedules of deployments in turns. After each
// deploy of ours it compares what became of each schedule with what the plan has shown.
func TestScheduleSequences(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	for seed := range prerequisite.Size(10, 500) {
		s := sequence{bench: b, r: rand.New(rand.NewPCG(uint64(seed), 20)), name: fmt.Sprintf("s%d", seed)}
		s.run(t)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(s.story, "\n"))
		}
	}
}

// sequence is the life of one deployment.
type sequence struct {
	*bench
	r      *rand.Rand
	name   string
	id     string
	wanted []rule
	story  []string
}

func (s *sequence) tell(format string, args ...any) {
	s.story = append(s.story, fmt.Sprintf(format, args...))
}

func (s *sequence) run(t *testing.T) {
	t.Helper()
	for range 1 + s.r.IntN(3) {
		s.add()
	}
	switch s.r.IntN(4) {
	case 0: // ours
	case 1:
		s.id = s.make(t, s.name, namedAsBefore(s.wanted)).ID
	default:
		s.id = s.make(t, s.name, s.wanted).ID
	}
	s.tell("made as %v", s.wanted)
	s.deploy(t)
	for range 4 {
		if s.r.IntN(3) == 0 {
			s.byPrefectsRules(t)
		}
		for range s.r.IntN(3) {
			s.byHand(t)
		}
		for range s.r.IntN(3) {
			s.edit()
		}
		s.deploy(t)
		if t.Failed() {
			return
		}
	}
	if err := s.api.DeleteDeployment(t.Context(), s.id); err != nil {
		t.Fatal(err)
	}
}

func (s *sequence) any() rule {
	return rule{
		cron: fmt.Sprintf("0 %d * * *", s.r.IntN(4)), zone: []string{"", "", "Europe/Berlin"}[s.r.IntN(3)], n: []int{0, 0, 1, 2}[s.r.IntN(4)],
	}
}

// add wants one more, now and then with a name of its own.
func (s *sequence) add() {
	r := s.any()
	if slug := fmt.Sprintf("slug-%d", s.r.IntN(4)); s.r.IntN(4) == 0 && !s.has(slug) {
		r.slug = slug
	}
	s.wanted = append(s.wanted, r)
}

func (s *sequence) has(slug string) bool {
	return slices.ContainsFunc(s.wanted, func(r rule) bool { return r.slug == slug })
}

// edit changes what the settings want.
func (s *sequence) edit() {
	s.wanted = slices.Clone(s.wanted)
	if len(s.wanted) == 0 || s.r.IntN(5) == 0 {
		s.add()
		return
	}
	i := s.r.IntN(len(s.wanted))
	w := &s.wanted[i]
	switch s.r.IntN(8) {
	case 0:
		s.wanted = slices.Delete(s.wanted, i, i+1)
	case 1:
		w.cron = s.any().cron
	case 2:
		w.n = s.r.IntN(4)
	case 3:
		w.zone = s.any().zone
	case 4:
		w.slug = ""
	case 5:
		if slug := fmt.Sprintf("slug-%d", s.r.IntN(4)); !s.has(slug) {
			w.slug = slug
		}
	case 6:
		w.active = []*bool{nil, new(true), new(false)}[s.r.IntN(3)]
	case 7: // the same once more
		again := *w
		again.slug = ""
		s.wanted = append(s.wanted, again)
	}
}

// byHand does what people do at the UI.
func (s *sequence) byHand(t *testing.T) {
	t.Helper()
	d, err := s.api.Deployment(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Schedules) == 0 || s.r.IntN(5) == 0 {
		r := s.any()
		s.tell("somebody adds %v", r)
		if _, err := s.api.CreateSchedules(t.Context(), s.id, []map[string]any{r.body()}); err != nil {
			t.Fatal(err)
		}
		return
	}
	slices.SortFunc(d.Schedules, func(a, b prefect.Schedule) int { return strings.Compare(says(a)+a.ID, says(b)+b.ID) })
	x := d.Schedules[s.r.IntN(len(d.Schedules))]
	switch s.r.IntN(4) {
	case 0:
		s.tell("somebody deletes %s", says(x))
		err = s.api.DeleteSchedule(t.Context(), s.id, x.ID)
	case 1:
		s.tell("somebody edits %s", says(x))
		err = s.api.UpdateSchedule(t.Context(), s.id, x.ID, map[string]any{"schedule": s.any().body()["schedule"]})
	default:
		s.tell("somebody sets active of %s to %v", says(x), !x.Active)
		err = s.api.UpdateSchedule(t.Context(), s.id, x.ID, map[string]any{"active": !x.Active, "parameters": x.Parameters})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// byPrefectsRules sends what `prefect deploy` sends for the same wishes. The server refuses it where all that is there has names.
func (s *sequence) byPrefectsRules(t *testing.T) {
	t.Helper()
	bodies := []map[string]any{}
	for _, r := range s.wanted {
		body := r.body()
		if r.active == nil {
			delete(body, "active")
		}
		bodies = append(bodies, body)
	}
	err := s.api.UpdateDeployment(t.Context(), s.id, map[string]any{"schedules": bodies})
	s.tell("prefect deploy of %v: %v", s.wanted, err)
	if err != nil && !prefect.IsRefusal(err) {
		t.Fatal(err)
	}
}

// deploy applies what is wanted, and checks what became of each schedule.
func (s *sequence) deploy(t *testing.T) {
	t.Helper()
	var before []prefect.Schedule
	if s.id != "" {
		d, err := s.api.Deployment(t.Context(), s.id)
		if err != nil {
			t.Fatal(err)
		}
		before = d.Schedules
	}
	s.tell("we deploy %v over %s", s.wanted, short(before))
	p := s.apply(t, manifestOf(map[string][]rule{s.name: s.wanted}))
	d, err := s.api.DeploymentByName(t.Context(), s.flow.Name, s.name)
	if err != nil {
		t.Fatal(err)
	}
	s.tell("which gives %s", short(d.Schedules))
	if s.id == "" {
		s.id = d.ID
		return
	}
	if s.id != d.ID {
		t.Errorf("it is another deployment now")
	}
	at := slices.IndexFunc(p.Actions, func(a plan.Action) bool { return a.Name == s.name })
	s.shown(t, p.Actions[at].Changes, before, d.Schedules)
	s.kept(t, before, d.Schedules)
}

func short(list []prefect.Schedule) string {
	words := make([]string, 0, len(list))
	for _, x := range list {
		words = append(words, fmt.Sprintf("[%s %s %v %s]", says(x), x.Slug, x.Active, x.ID[:4]))
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func byID(list []prefect.Schedule) map[string]prefect.Schedule {
	out := map[string]prefect.Schedule{}
	for _, x := range list {
		out[x.ID] = x
	}
	return out
}

// shown checks that the plan has told of each change of what runs.
func (s *sequence) shown(t *testing.T, changes []canonical.Change, before, after []prefect.Schedule) {
	t.Helper()
	told := func(like func(canonical.Change) bool) int {
		n := 0
		for _, c := range changes {
			if strings.HasPrefix(c.Field, "schedules") && like(c) {
				n++
			}
		}
		return n
	}
	was, is := byID(before), byID(after)
	resumed, paused, removed, resting, made, still := 0, 0, 0, 0, 0, 0
	for id, x := range is {
		old, there := was[id]
		switch {
		case !there:
			made++
			if !x.Active {
				still++
			}
		case x.Active && !old.Active:
			resumed++
		case !x.Active && old.Active:
			paused++
		case says(x) == says(old) && x.Slug == old.Slug && !x.Updated.Equal(old.Updated):
			t.Errorf("%s was written, and nothing of it differs", says(x))
		}
	}
	for id, x := range was {
		if _, there := is[id]; !there {
			removed++
			if !x.Active {
				resting++
			}
		}
	}
	active := func(to bool) int {
		return told(func(c canonical.Change) bool { return strings.HasSuffix(c.Field, ".active") && c.To == to })
	}
	text := func(v any) string {
		words, _ := v.(string)
		return words
	}
	rests := func(v any) bool { return strings.HasSuffix(text(v), ", paused") }
	whole := func(c canonical.Change) bool { return strings.HasPrefix(text(c.From)+text(c.To), "cron ") }
	for what, n := range map[string][2]int{
		"resumed":        {resumed, active(true)},
		"paused":         {paused, active(false)},
		"made":           {made, told(func(c canonical.Change) bool { return c.From == nil && whole(c) })},
		"made paused":    {still, told(func(c canonical.Change) bool { return c.From == nil && rests(c.To) })},
		"removed":        {removed, told(func(c canonical.Change) bool { return c.To == nil && whole(c) })},
		"removed paused": {resting, told(func(c canonical.Change) bool { return c.To == nil && rests(c.From) })},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %d, and the plan shows %d: %+v", what, n[0], n[1], changes)
		}
	}
}

// kept checks that all is there that is wanted, that what says the same is the same, and that nothing runs that was paused.
func (s *sequence) kept(t *testing.T, before, after []prefect.Schedule) {
	t.Helper()
	var want, got []string
	for _, r := range s.wanted {
		want = append(want, r.says())
	}
	for _, x := range after {
		got = append(got, says(x))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("wanted %q, got %q", want, got)
	}
	named := func(slug string) bool { return strings.HasPrefix(slug, "slug-") }
	free := func(r rule) bool {
		return r.slug == "" || !slices.ContainsFunc(before, func(x prefect.Schedule) bool { return x.Slug == r.slug })
	}
	is := byID(after)
	for _, r := range s.wanted {
		var old, now, wishes int // that say the same, and whose name decides nothing
		for _, x := range before {
			if says(x) == r.says() && (x.Slug == "" || !s.has(x.Slug)) {
				old++
				if y, there := is[x.ID]; there && says(y) == says(x) {
					now++
				}
			}
		}
		for _, other := range s.wanted {
			if other.says() == r.says() && free(other) {
				wishes++
			}
		}
		if now < min(old, wishes) {
			t.Errorf("%s: %d of %d were kept, %d are wanted", r.says(), now, old, wishes)
		}
	}
	for _, x := range after { // nobody resumes what was paused
		if !x.Active || named(x.Slug) || slices.ContainsFunc(s.wanted, func(r rule) bool { return r.active != nil || r.slug != "" }) {
			continue
		}
		rested, ran, wishes := 0, 0, 0
		for _, old := range before {
			switch {
			case old.Rule.Cron != x.Rule.Cron || zoneOf(old) != zoneOf(x):
			case old.Active || named(old.Slug):
				ran++
			default:
				rested++
			}
		}
		for _, r := range s.wanted {
			if r.cron == x.Rule.Cron && r.zoneOr() == zoneOf(x) {
				wishes++
			}
		}
		if rested > 0 && rested == wishes && ran == 0 {
			t.Errorf("%s runs, and all of that rule were paused", says(x))
		}
	}
}
