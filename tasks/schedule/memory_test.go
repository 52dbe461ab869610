package schedule_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/schedule"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	var m schedule.Memory
	for range 2 {
		if !m.Zone("Europe/Berlin") || m.Zone("Europe/Berln") {
			t.Error("zones")
		}
		if m.Cron("0 6 * * *") != nil || m.Cron("0 25 * * *") == nil {
			t.Error("crons")
		}
	}
}
