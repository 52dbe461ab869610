package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/lock"
)

// rule is one thing that doctor knows about.
type rule func(Facts) finding.List

func trouble(severity finding.Severity, code, message, why, fix string) finding.Finding {
	return catalogue.New(code, finding.Surroundings(), finding.Finding{Message: message, Why: why, Fix: fix}).As(severity)
}

func settingsRule(f Facts) finding.List {
	out := slices.Clone(f.Settings)
	for _, w := range f.Warnings {
		out = append(out, trouble(finding.Warning, "server-choice", w, "", "unset it, or let envs/"+f.Env+".yaml name the same server"))
	}
	return out
}

// rungsRule takes over what is not well on the ladder.
func rungsRule(f Facts) finding.List {
	var out finding.List
	for _, r := range f.Rungs {
		switch r.State {
		case ladder.Failed:
			out = append(out, trouble(finding.Error, "ladder", r.Name+": "+r.Detail, r.Why, r.Next))
		case ladder.Warned:
			out = append(out, trouble(finding.Warning, "ladder", r.Name+": "+r.Detail, r.Why, r.Next))
		case ladder.OK, ladder.Skipped:
		}
	}
	return out
}

func toolsRule(f Facts) finding.List {
	var out finding.List
	for _, t := range f.Tools {
		if t.Problem == "" {
			continue
		}
		severity, why := finding.Note, "it is optional"
		switch {
		case t.Name == "python" && f.Embedded != nil:
			severity, why = finding.Error, "the embedded server and worker are Python programs"
		case t.Name == "docker" && f.Containers:
			severity, why = finding.Error, "this environment deploys containers, and images can't be built or run here"
		case t.Name == "git":
			severity, why = finding.Warning, "without it versions and receipts don't name the commit"
		case t.Name == "go" || t.Name == "uv":
			why = map[string]string{"go": "only make needs it, to compile this tool", "uv": "it installs faster than pip, which does as well"}[t.Name]
		}
		out = append(out, trouble(severity, "tool-"+t.Name, t.Name+": "+t.Problem, why, installs(t.Name)))
	}
	return out
}

// installs says how to get a tool.
func installs(tool string) string {
	switch tool {
	case "git":
		return "install git (Debian: apt-get install git)"
	case "python":
		return "install Python 3.12 (Debian: apt-get install python3 python3-venv), or name yours: `python:` in envs/"
	case "docker":
		return "install Docker and start its daemon, and be in the group docker"
	default:
		return "install " + tool
	}
}

func embeddedRule(f Facts) finding.List {
	if f.Embedded == nil {
		return nil
	}
	var out finding.List
	e := f.Embedded
	if e.Python != "" && e.State != "stopped" {
		out = append(out, trouble(finding.Warning, "embedded-python", "the embedded Python environment: "+e.Python, "", "mage env:down, then mage env:up installs it anew"))
	}
	switch e.State {
	case "unhealthy":
		out = append(out, trouble(finding.Error, "embedded-unhealthy", "the embedded server runs and does not answer", "its log tells: "+e.Log, "mage env:down, then mage env:up"))
	case "stopped":
		out = append(out, trouble(finding.Note, "embedded-stopped", "the embedded server is not running", "", "mage env:up (a deploy to dev starts it, too)"))
		if e.Taken {
			out = append(out, trouble(finding.Warning, "port-taken", "port 4200 belongs to another program", "the embedded server takes another port, so bookmarks of its UI lead elsewhere",
				"end that program if it is a Prefect server of yours (prefect server stop), or use the address that mage env:status shows"))
		}
	}
	return out
}

// skewNoted and skewHurts are the differences of clocks that deserve a word: schedules start late by them, leases are lost.
const (
	skewNoted = 5 * time.Second
	skewHurts = time.Minute
)

func clockRule(f Facts) finding.List {
	skew, word := f.Skew.Round(time.Second), "ahead of"
	if skew < 0 {
		skew, word = -skew, "behind"
	}
	if skew < skewNoted {
		return nil
	}
	severity := finding.Warning
	if skew >= skewHurts {
		severity = finding.Error
	}
	return finding.List{trouble(severity, "clock-skew", fmt.Sprintf("the server's clock is %s %s this machine's", skew, word),
		"schedules fire by the server's clock and workers are judged by it", "set both clocks by NTP: timedatectl set-ntp true")}
}

const (
	gib       = 1 << 30
	diskLow   = 2 * gib
	diskFull  = gib / 2
	inodesLow = 95
)

func diskRule(f Facts) finding.List {
	var out finding.List
	for _, d := range f.Disks {
		free := fmt.Sprintf("%.1f GiB", float64(d.Free)/gib)
		switch {
		case d.Free < diskFull:
			out = append(out, trouble(finding.Error, "disk-full", free+" are free at "+d.Path, "a full disk stops SQLite, logs and image builds in the middle", "make room; `docker system df` and .flowmage/logs are the usual places"))
		case d.Free < diskLow:
			out = append(out, trouble(finding.Warning, "disk-low", free+" are free at "+d.Path, "installing Prefect takes half a GiB, an image as much", "make room before the next deploy"))
		}
		if d.Inodes > inodesLow {
			out = append(out, trouble(finding.Warning, "inodes-low", fmt.Sprintf("%.0f %% of the file numbers at %s are in use", d.Inodes, d.Path), "no new files when they run out, whatever room there is", "remove folders with many small files"))
		}
	}
	return out
}

func databaseRule(f Facts) finding.List {
	if !f.Single || f.Env != "prod" && f.Env != "staging" {
		return nil
	}
	return finding.List{trouble(finding.Warning, "server-single", "the server of "+f.Env+" is one process that keeps its messages in memory ("+f.Database+")",
		"it can't be doubled, a restart forgets locks, and on SQLite one writer works at a time", "for more than a few users run Prefect on Postgres with Redis")}
}

func idleRule(f Facts) finding.List {
	if len(f.Idle) == 0 {
		return nil
	}
	return finding.List{trouble(finding.Note, "pool-idle", "other work pools without a worker online: "+strings.Join(f.Idle, ", "),
		"their runs stay scheduled", "prefect worker start --pool "+f.Idle[0]+", if its deployments are needed")}
}

func runsRule(f Facts) finding.List {
	var out finding.List
	late := 0
	for _, r := range f.Runs {
		if r.State == "Late" {
			late++
			continue
		}
		out = append(out, trouble(finding.Error, "run-left", fmt.Sprintf("the run %s is left behind, %s for %s", r.Name, strings.ToLower(r.State), r.Since.Round(time.Second)),
			r.Why+"; Prefect does not rescue it", "mage flows:reschedule -env="+f.Env))
	}
	if late > 0 {
		out = append(out, trouble(finding.Warning, "runs-late", fmt.Sprintf("runs that are late: %d", late),
			"nobody takes them: no worker is online, or the pool or queue is paused or full", "mage verify:deployments -env="+f.Env+" tells which"))
	}
	return out
}

func lockRule(f Facts) finding.List {
	switch {
	case f.Lock == nil:
		return nil
	case f.Lock.Dead || f.Lock.Seen > lock.StaleAfter:
		return finding.List{trouble(finding.Warning, "lock-stale", "a dead deploy holds the lock: "+f.Lock.Who,
			fmt.Sprintf("its last sign of life is %s old", f.Lock.Seen.Round(time.Second)), "mage deploy:unlock -env="+f.Env)}
	default:
		return finding.List{trouble(finding.Note, "lock-held", "a deploy is under way: "+f.Lock.Who, "", "wait for it")}
	}
}

func leftRule(f Facts) finding.List {
	if len(f.Left) == 0 {
		return nil
	}
	return finding.List{trouble(finding.Note, "deployment-left", "nothing in the repository asks for "+strings.Join(f.Left, ", "),
		"flow or setting are gone, the deployment still runs", "mage deploy:all -env="+f.Env+" -prune")}
}
