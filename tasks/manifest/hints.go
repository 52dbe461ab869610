package manifest

// hints tell where a key belongs that people write in the wrong place, by what has the key, and by the key. Prefect drops all of these silently, and
// for those in a schedule the whole file.
func hints() map[string]map[string]string {
	return map[string]map[string]string{"a deployment": deploymentHints(), "a schedule": scheduleHints(), "work_pool": poolHints()}
}

func deploymentHints() map[string]string {
	return map[string]string{
		"job_configuration":        "job variables stand below work_pool: `work_pool: {job_variables: {…}}`",
		"job_variables":            "write `work_pool: {job_variables: {…}}`",
		"infra_overrides":          "Prefect 3 calls them job variables: `work_pool: {job_variables: {…}}`",
		"env":                      "write `work_pool: {job_variables: {env: {…}}}`",
		"image":                    "write `work_pool: {job_variables: {image: …}}`",
		"work_pool_name":           "write `work_pool: {name: …}`",
		"work_queue_name":          "write `work_pool: {work_queue_name: …}`",
		"path":                     "where the code lies is said by pull steps: `pull: [{prefect.deployments.steps.set_working_directory: {directory: …}}]`",
		"storage":                  "Prefect 3 has no storage blocks here; use pull steps",
		"infrastructure":           "Prefect 3 has no infrastructure blocks; use a work pool",
		"labels":                   "labels can't be set here; use tags",
		"is_schedule_active":       "write `active:` in the schedule, or `paused:` in the deployment",
		"concurrency_options":      "write `concurrency_limit: {limit: …, collision_strategy: …}`",
		"collision_strategy":       "write `concurrency_limit: {limit: …, collision_strategy: …}`",
		"grace_period_seconds":     "write `concurrency_limit: {limit: …, grace_period_seconds: …}`",
		"flow_location":            "the file stands in the entrypoint: `entrypoint: path/file.py:function`",
		"flow":                     "write `entrypoint: path/file.py:function`",
		"time_zone":                "write `timezone:` in the schedule",
		"timezone":                 "write it in the schedule",
		"cron":                     "write `schedules: [{cron: …}]`",
		"interval":                 "write `schedules: [{interval: …}]`",
		"rrule":                    "write `schedules: [{rrule: …}]`",
		"anchor_date":              "write it in the schedule, beside `interval:`",
		"active":                   "write `active:` in the schedule, or `paused:` in the deployment",
		"flow_run_name":            "runs are named by the flow: `@flow(flow_run_name=…)`",
		"retries":                  "runs are repeated by the flow: `@flow(retries=…)`",
		"retry_delay_seconds":      "runs are repeated by the flow: `@flow(retry_delay_seconds=…)`",
		"timeout_seconds":          "write it in the flow: `@flow(timeout_seconds=…)`",
		"log_prints":               "write it in the flow: `@flow(log_prints=True)`",
		"command":                  "write `work_pool: {job_variables: {command: …}}`",
		"work_queue":               "write `work_pool: {work_queue_name: …}`",
		"queue":                    "write `work_pool: {work_queue_name: …}`",
		"variables":                "write `work_pool: {job_variables: {…}}`",
		"max_active_runs":          "write `concurrency_limit:`",
		"catchup":                  "Prefect has no catch-up: runs that were missed are not made up for. Remove it",
		"start_date":               "write `anchor_date:` in the schedule, beside `interval:`, or DTSTART in an rrule",
		"parameter_openapi_schema": "it is read from the flow's signature; remove it",
	}
}

func scheduleHints() map[string]string {
	return map[string]string{
		"catchup":            "Prefect has no catch-up: runs that were missed are not made up for. Remove it",
		"max_active_runs":    "write `concurrency_limit:` in the deployment",
		"start_date":         "write `anchor_date:` beside `interval:`, or DTSTART in an rrule",
		"schedule":           "write its keys here: `- cron: …`",
		"max_scheduled_runs": "it can be set in the Prefect UI only",
		"tz":                 "write `timezone:`",
		"time_zone":          "write `timezone:`",
		"flow_run_name":      "runs are named by the flow: `@flow(flow_run_name=…)`",
		"concurrency_limit":  "write it in the deployment",
		"tags":               "write them in the deployment",
		"name":               "write `slug:`",
		"end_date":           "write UNTIL in an rrule",
		"paused":             "write `active: false`",
		"enabled":            "write `active:`",
	}
}

func poolHints() map[string]string {
	return map[string]string{
		"queue":              "write `work_queue_name:`",
		"work_pool_name":     "write `name:`",
		"env":                "write `job_variables: {env: {…}}`",
		"image":              "write `job_variables: {image: …}`",
		"command":            "write `job_variables: {command: …}`",
		"variables":          "write `job_variables: {…}`",
		"concurrency_limit":  "that of the deployment stands beside work_pool; that of the pool is set on the server: prefect work-pool set-concurrency-limit NAME LIMIT",
		"collision_strategy": "write `concurrency_limit: {limit: …, collision_strategy: …}` beside work_pool",
		"tags":               "write them in the deployment",
		"schedule":           "schedules stand in the deployment: `schedules: […]`",
		"type":               "the type is the work pool's own; remove it",
	}
}
