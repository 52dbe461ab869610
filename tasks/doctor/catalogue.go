package doctor

import (
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"repository":         {Severity: finding.Error, Needs: finding.Source | finding.Settings, Means: "mage env:doctor can't plan a deploy"},
	"server":             {Severity: finding.Error, Needs: finding.Server, Means: "mage env:doctor can't reach the server"},
	"server-choice":      {Severity: finding.Warning, Needs: finding.Settings | finding.Server, Means: "another server is named than the settings have"},
	"ladder":             {Severity: finding.Error, Needs: finding.Server, Unless: "a warning where the rung only warns", Means: "a rung of `mage verify:deployments` fails"},
	"tool-git":           {Severity: finding.Warning, Means: "git is missing"},
	"tool-python":        {Severity: finding.Note, Unless: "an error where the embedded server is used", Means: "no Python is found"},
	"tool-docker":        {Severity: finding.Note, Unless: "an error where containers are deployed", Means: "Docker does not answer"},
	"tool-go":            {Severity: finding.Note, Means: "Go is missing"},
	"tool-uv":            {Severity: finding.Note, Means: "uv is missing"},
	"embedded-python":    {Severity: finding.Warning, Means: "the embedded Python is not as the lock file wants it"},
	"embedded-unhealthy": {Severity: finding.Error, Means: "the embedded server does not answer"},
	"embedded-stopped":   {Severity: finding.Note, Means: "the embedded server is not running"},
	"port-taken":         {Severity: finding.Warning, Means: "port 4200 belongs to another program", Why: "the embedded server takes another port, so bookmarks of its UI lead elsewhere"},
	"clock-skew":         {Severity: finding.Warning, Needs: finding.Server | finding.Machine, Unless: "an error from one minute on", Means: "the server's clock and this machine's differ by 5 s", Why: "schedules fire by the server's clock and workers are judged by it"},
	"disk-full":          {Severity: finding.Error, Means: "less than half a GiB is free", Why: "a full disk stops SQLite, logs and image builds in the middle"},
	"disk-low":           {Severity: finding.Warning, Means: "less than 2 GiB are free", Why: "installing Prefect takes half a GiB, an image as much"},
	"inodes-low":         {Severity: finding.Warning, Means: "few file numbers are left", Why: "no new files when they run out, whatever room there is"},
	"server-single":      {Severity: finding.Warning, Needs: finding.Settings | finding.Server, Means: "staging or prod run on one process that keeps its messages in memory", Why: "it can't be doubled, a restart forgets locks, and on SQLite one writer works at a time", Formerly: "single-process"},
	"package-bad":        {Severity: finding.Error, Means: "a release that breaks Prefect is installed: fastapi from 0.140, SQLAlchemy from 2.1, Prefect 3.9.0 and 3.9.1", Formerly: "bad-package"},
	"release-mismatch":   {Severity: finding.Note, Needs: finding.Server, Unless: "a warning where the server's is the older one", Means: "server and workers have different releases of Prefect"},
	"pool-idle":          {Severity: finding.Note, Needs: finding.Server, Means: "other work pools have no worker", Why: "their runs stay scheduled", Formerly: "idle-pool"},
	"runs-late":          {Severity: finding.Warning, Needs: finding.Server, Means: "runs should have started and were not taken", Why: "nobody takes them: no worker is online, or the pool or queue is paused or full", Formerly: "late-runs"},
	"run-left":           {Severity: finding.Error, Needs: finding.Server, Means: "a run whose worker died: Prefect does not rescue it, `mage flows:reschedule` does"},
	"lock-stale":         {Severity: finding.Warning, Needs: finding.Server, Means: "a deploy that is dead holds the lock", Formerly: "stale-lock"},
	"lock-held":          {Severity: finding.Note, Needs: finding.Server, Means: "a deploy that works holds the lock"},
	"deployment-left":    {Severity: finding.Note, Needs: finding.Source | finding.Settings | finding.Server, Means: "nothing in the repository asks for a deployment", Why: "flow or setting are gone, the deployment still runs", Formerly: "left-over"},
}.Needing(finding.Machine)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
