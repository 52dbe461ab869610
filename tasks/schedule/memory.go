package schedule

// Memory answers like the functions of this package, and does not think twice about the same text: a thousand schedules have few different
// rules and time zones between them. The zero value knows nothing yet. It is not for several goroutines at once.
type Memory struct {
	zones map[string]bool
	crons map[string]error
}

// Zone is [Zone], remembered.
func (m *Memory) Zone(name string) bool {
	known, seen := m.zones[name]
	if !seen {
		if m.zones == nil {
			m.zones = map[string]bool{}
		}
		known = Zone(name)
		m.zones[name] = known
	}
	return known
}

// Cron is [Cron], remembered.
func (m *Memory) Cron(text string) error {
	err, seen := m.crons[text]
	if !seen {
		if m.crons == nil {
			m.crons = map[string]error{}
		}
		err = Cron(text)
		m.crons[text] = err
	}
	return err
}
