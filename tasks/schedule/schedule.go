// Package schedule judges the rules of schedules, as Prefect's server would when they are written: [Cron] and [RRule]. A rule that
// passes here may still never fire; one that fails is refused by the server, in the midst of a deploy.
package schedule
