package main

import "time"

// clock counts the processor time of this process, or the time that passes where the system does not tell.
type clock struct {
	wall time.Time
	cpu  time.Duration
}

func startClock() clock { return clock{time.Now(), cpuTime()} }

func (c clock) spent() time.Duration {
	if spent := cpuTime() - c.cpu; spent > 0 {
		return spent
	}
	return time.Since(c.wall)
}
