package schedules

import "time"

// sameInstant tells whether two dates, with or without time and zone, mean the same moment; a missing zone is UTC, as on the
// server.
func sameInstant(a, b string) bool {
	x, ok1 := instant(a)
	y, ok2 := instant(b)
	return ok1 && ok2 && x.Equal(y)
}

func instant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
