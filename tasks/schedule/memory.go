package schedule

// Memory answers like the functions of this package, and does not think twice about the same text: a thousand schedules have few different
// rules and time zones between them. The zero value knows nothing yet. It is not for several goroutines at once.
type Memory struct {
	zones map[string]bool
	crons map[string]error
}

// Zone is [Zone], remembered.
func (m *Memory) Zone(name string) bool {
	return remembered(&m.zones, name, Zone)
}

// Cron is [Cron], remembered.
func (m *Memory) Cron(text string) error {
	return remembered(&m.crons, text, Cron)
}

func remembered[T any](answers *map[string]T, text string, judge func(string) T) T {
	answer, known := (*answers)[text]
	if !known {
		if *answers == nil {
			*answers = map[string]T{}
		}
		answer = judge(text)
		(*answers)[text] = answer
	}
	return answer
}
