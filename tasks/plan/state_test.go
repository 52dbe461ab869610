package plan

import "testing"

// What a receipt remembers is wanted again under the name that somebody gave it; a made-up one is none.
func TestRememberedSchedule(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]string{"early": "early", "default": "", "schedule-b7c343f1": "", "schedule-of-ours": "schedule-of-ours", "": ""} {
		r := StoredRule{Slug: slug, Rule: map[string]any{"cron": "0 6 * * *", "timezone": "UTC", "day_or": true}, Parameters: map[string]any{}}
		if got := r.Schedule(); got.Slug != want || got.Cron != "0 6 * * *" || got.Active == nil || *got.Active {
			t.Errorf("%q: %+v", slug, got)
		}
	}
}
