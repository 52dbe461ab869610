package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// healthy are the facts of an environment in which all is well.
func healthy() doctor.Facts {
	return doctor.Facts{
		Env: "prod", Prefect: "3.8.8", Packages: map[string]string{"prefect": "3.8.8", "fastapi": "0.139.2", "sqlalchemy": "2.0.58"},
		Disks: []doctor.Disk{{Path: "/", Free: 50 << 30, Inodes: 10}}, Skew: 300 * time.Millisecond,
		Tools: []doctor.Tool{{Name: "git", Version: "2.39"}, {Name: "docker", Version: "20.10"}, {Name: "python", Version: "3.12.1"}},
		Rungs: ladder.Rungs{{Name: "version", State: ladder.OK}},
	}
}

// TestDiagnose plants one trouble at a time: exactly that one is told, with its remedy.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	if found := doctor.Diagnose(healthy()); len(found) > 0 {
		t.Fatal(found)
	}
	type facts = doctor.Facts
	for name, c := range map[string]struct {
		plant    func(*facts)
		severity finding.Severity
		says     []string
	}{
		"settings": {func(f *facts) {
			f.Settings = finding.List{{Code: "x", Severity: finding.Error, Message: "no such key", Fix: "write it so"}}
		}, finding.Error, []string{"no such key"}},
		"another server": {func(f *facts) { f.Warnings = []string{"http://x/api is not prod's server and is ignored"} }, finding.Warning, []string{"is ignored", "envs/prod.yaml"}},
		"failed rung": {func(f *facts) {
			f.Rungs[0] = ladder.Rung{Name: "worker of p", State: ladder.Failed, Detail: "none", Next: "mage env:worker"}
		}, finding.Error, []string{"worker of p: none", "mage env:worker"}},
		"warned rung": {func(f *facts) {
			f.Rungs[0] = ladder.Rung{Name: "TLS", State: ladder.Warned, Why: "the certificate ends in 3 days", Next: "renew"}
		}, finding.Warning, []string{"ends in 3 days", "renew"}},
		"no git":        {func(f *facts) { f.Tools[0].Problem = "not on the PATH" }, finding.Warning, []string{"git: not on the PATH", "apt-get install git"}},
		"no docker":     {func(f *facts) { f.Tools[1].Problem = "not on the PATH" }, finding.Note, []string{"optional"}},
		"docker needed": {func(f *facts) { f.Tools[1].Problem, f.Containers = "its daemon does not answer", true }, finding.Error, []string{"daemon does not answer", "group docker"}},
		"no python": {func(f *facts) {
			f.Tools[2].Problem, f.Embedded = "3.9.2 is too old", &doctor.Embedded{State: "running"}
		}, finding.Error, []string{"3.9.2 is too old", "python3-venv"}},
		"no uv":          {func(f *facts) { f.Tools = append(f.Tools, doctor.Tool{Name: "uv", Problem: "not on the PATH"}) }, finding.Note, []string{"faster than pip"}},
		"stopped":        {func(f *facts) { f.Embedded = &doctor.Embedded{State: "stopped"} }, finding.Note, []string{"not running", "mage env:up"}},
		"hung":           {func(f *facts) { f.Embedded = &doctor.Embedded{State: "unhealthy", Log: "server.log"} }, finding.Error, []string{"does not answer", "server.log", "env:down"}},
		"broken python":  {func(f *facts) { f.Embedded = &doctor.Embedded{State: "running", Python: "the lock has changed"} }, finding.Warning, []string{"the lock has changed", "env:up"}},
		"clock ahead":    {func(f *facts) { f.Skew = 17 * time.Second }, finding.Warning, []string{"17s ahead of", "set-ntp"}},
		"clock behind":   {func(f *facts) { f.Skew = -2 * time.Hour }, finding.Error, []string{"2h0m0s behind", "set-ntp"}},
		"disk low":       {func(f *facts) { f.Disks[0].Free = 1 << 30 }, finding.Warning, []string{"1.0 GiB are free at /", "make room"}},
		"disk full":      {func(f *facts) { f.Disks[0].Free = 1 << 20 }, finding.Error, []string{"0.0 GiB are free at /", "docker system df"}},
		"no inodes":      {func(f *facts) { f.Disks[0].Inodes = 99 }, finding.Warning, []string{"99 % of the file numbers"}},
		"SQLite in prod": {func(f *facts) { f.Single, f.Database = true, "SQLite or one Postgres" }, finding.Warning, []string{"one process", "Redis"}},
		"bad fastapi":    {func(f *facts) { f.Packages["fastapi"] = "0.165.0" }, finding.Error, []string{"fastapi 0.165.0", "0.139.2"}},
		"bad SQLAlchemy": {func(f *facts) { f.Packages["sqlalchemy"] = "2.1.0b2" }, finding.Error, []string{"sqlalchemy 2.1.0b2", "<2.1"}},
		"newer worker":   {func(f *facts) { f.Prefect = "3.6.2" }, finding.Warning, []string{"the server has Prefect 3.6.2, this machine's workers have 3.8.8", "upgrade the server first"}},
		"older image":    {func(f *facts) { f.Image = "3.4.0" }, finding.Note, []string{"the images have 3.4.0"}},
		"idle pool":      {func(f *facts) { f.Idle = []string{"night"} }, finding.Note, []string{"without a worker online: night", "prefect worker start --pool night"}},
		"late runs":      {func(f *facts) { f.Runs = []doctor.Run{{State: "Late"}, {State: "Late"}} }, finding.Warning, []string{"runs that are late: 2", "verify:deployments -env=prod"}},
		"run left behind": {func(f *facts) {
			f.Runs = []doctor.Run{{ID: "r1", Name: "happy-fox", State: "PENDING", Since: 75 * time.Second, Why: "its worker w1 is gone"}}
		}, finding.Error, []string{"happy-fox is left behind, pending for 1m15s", "w1 is gone", "flows:reschedule -env=prod"}},
		"stale lock":  {func(f *facts) { f.Lock = &doctor.LockHolder{Who: "anna@build-3", Seen: time.Hour} }, finding.Warning, []string{"anna@build-3", "mage deploy:unlock -env=prod"}},
		"dead holder": {func(f *facts) { f.Lock = &doctor.LockHolder{Who: "me@here", Dead: true} }, finding.Warning, []string{"me@here", "deploy:unlock"}},
		"leftovers":   {func(f *facts) { f.Left = []string{"old-python-prod"} }, finding.Note, []string{"old-python-prod", "-prune"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := healthy()
			c.plant(&f)
			found := doctor.Diagnose(f)
			if len(found) != 1 || found[0].Severity != c.severity || found[0].Fix == "" {
				t.Fatalf("%v", found)
			}
			for _, text := range c.says {
				if !strings.Contains(found[0].String(), text) {
					t.Errorf("no %q in %s", text, found[0])
				}
			}
		})
	}
	taken := healthy()
	taken.Embedded = &doctor.Embedded{State: "stopped", Taken: true}
	if found := doctor.Diagnose(taken); len(found) != 2 || found[0].Code != "port-taken" {
		t.Error(found)
	}
	young := healthy()
	young.Lock = &doctor.LockHolder{Who: "anna", Seen: time.Second}
	if found := doctor.Diagnose(young); len(found) != 1 || found[0].Code != "lock-held" {
		t.Error(found)
	}
}
