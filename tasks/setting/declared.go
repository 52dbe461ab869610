package setting

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// What several settings say of themselves.
const (
	yesOrNo   = "true or false"
	none      = "none"
	noLimit   = "no limit"
	ofPool    = "the pool's"
	ofFlow    = "the flow's own"
	anImage   = "name of an image"
	aPath     = "path inside the repository"
	flowsHelp = "map of names to the settings of one flow"
)

// environment are the settings of an environment as a whole.
func environment() []row {
	return []row{
		{"project", textSetting("project: sales-robots", projectRule), "text: letters, digits, `.` `-` `_`", "from the git remote, with a warning"},
		{"server", object("server: {url: https://prefect.example.com/api}"), "", ""},
		{"server.url", textSetting("url: https://prefect.example.com/api", apiRule), "address that ends in `/api`, or a Cloud workspace's", "dev: `PREFECT_API_URL` or a server of its own; elsewhere required"},
		{"server.ui", textSetting("ui: https://prefect.example.com", webRule), "address", "follows from `server.url`"},
		{"python", textSetting("python: .venv/bin/python"), "text: path of your own Python", "dev: one in `.flowmage/`"},
		{"paths", texts("paths: [flows]", insideRule).initially([]any{"flows"}), "list of folders inside the repository, or globs such as `teams/*/flows`", ""},
		{"exclude", texts(`exclude: ["flows/drafts/**"]`, globRule).initially([]any{}), "list of patterns", ""},
		{"prefix", textSetting(`prefix: "{user}-"`, affixRule), "text in front of every deployment's name; `{user}` is who deploys ([why](#side-by-side-on-one-server))", none},
		{"suffix", textSetting("suffix: -blue", affixRule), "text behind every deployment's name", none},
		{"containers", choice("containers: auto", "auto", "on", "off").initially("on"), "`on`, `off`, or `auto`: skipped with a warning where they are impossible", ""},
		{"schemas", choice("schemas: python", "source", "python").initially("source"), "`source`, or `python`: Prefect itself is asked for the parameters of flows ([what that does](parameters.md#asking-prefect))", ""},
		{"prune", truth("prune: true").initially(false), "true or false: a deploy deletes our deployments that flows and settings no longer ask for ([how](deploy.md#prune))", ""},
		{"secrets", variables("secrets: {DB_PASSWORD: /run/secrets/db}"), "map of names to files with the values of `{{ $NAME }}` ([how](#secrets))", none},
	}
}

// severities are what the settings make of rules by their codes: how bad it is what they find, everywhere or in some files.
func severities() []row {
	ruling := tree([]row{
		{"severity", choice("severity: warning", Off, "note", "warning", "error"), "", ""},
		{"paths", texts(`paths: ["flows/rpa1/**"]`, globRule), "", ""},
	})
	ruling.Short, ruling.Rule, ruling.Example = "severity", rulingRule, `{severity: off, paths: ["flows/old/**"]}`
	list := listOf(ruling, `parameter-untyped: [{severity: off, paths: ["flows/old/**"]}]`)
	list.Single = true
	list.Example = "parameter-untyped: off"
	all := namesOf(list, "rules: {parameter-untyped: off}")
	all.Dashed = true
	return []row{
		{"rules", all, "map of rules' codes to `off`, `note`, `warning` or `error`, or to such with paths ([how](verify.md#severities))", "as the rules say"},
	}
}

// perFlow are the settings that hold for all flows and can be overridden for one.
func perFlow() []row {
	list := listOf(OfSchedule(), `schedules: [{cron: "0 6 * * 1-5", timezone: Europe/Berlin}]`)
	out := []row{
		{"naming", textSetting(`naming: "{flow}-{kind}-{env}"`, namingRule).initially("{flow}-{kind}-{env}"), "text with `{flow}`, and `{kind}` `{env}` `{project}` as you like", ""},
		{"kinds", listOf(choice("", kind.Words()...), "kinds: [python]").initially([]any{string(kind.Default)}), "list of " + quotedList(kind.Words(), " and "), ""},
		{"pools", object("pools: {python: {name: robots}}"), "", ""},
	}
	for _, k := range kind.All() {
		out = append(out, pool(k)...)
	}
	return append(out,
		row{"enabled", truth("enabled: false").initially(true), "true or false: whether flows are deployed whose own settings don't say", ""},
		row{"tags", texts("tags: [nightly]", tagRule).initially([]any{}), "list of texts, not starting with `flowmage:`", ""},
		row{"parameters", values("parameters: {batch_size: 100}"), "map of names to any values", none},
		row{"env", variables(`env: {LOG_LEVEL: "info"}`), "map of names to texts: environment variables of runs", none},
		row{"job_variables", values("job_variables: {stream_output: true}"), "map of names to any values, for the pool's jobs", none},
		row{"schedules", list.initially([]any{}), "list of schedules", ""},
		row{"pause_schedules", truth("pause_schedules: true").initially(false), "true or false: every schedule is inactive", "`false`; the shipped `envs/dev.yaml`: `true`"},
		row{"concurrency", atLeast(1, "concurrency: 1"), "whole number, 1 or more: runs at once of a deployment", noLimit},
		row{"enforce_parameter_schema", truth("enforce_parameter_schema: true"), yesOrNo, "Prefect's: true"},
		row{"protect", truth("protect: true").initially(false), "true or false: `deploy:clean` and prune refuse to delete", ""},
	)
}

// pool is the work pool of a kind.
func pool(k kind.Kind) []row {
	own, types, such := "pools."+string(k), k.PoolTypes(), ""
	if k.NeedsImage() {
		such = ", such as `networks`, `volumes` and `env`,"
	}
	queue := tree([]row{
		{"concurrency", atLeast(0, "concurrency: 2"), "", ""},
		{"priority", atLeast(1, "priority: 1"), "", ""},
	})
	queue.Example = "fast: {concurrency: 2, priority: 1}"
	queues := namesOf(queue, "queues: {fast: {concurrency: 2, priority: 1}}")
	queues.Alone = true
	return []row{
		{own, object("{name: robots}"), "", ""},
		{own + ".name", textSetting("name: robots", PoolName), "text, not starting with `prefect`", "`" + k.PoolName("<project>-<environment>") + "`"},
		{own + ".type", choice("type: "+types[0], types...), quotedList(types, " or "), "`" + types[0] + "`"},
		{own + ".queue", textSetting("queue: default", nameRule), "text", "the pool's own default"},
		{own + ".concurrency", atLeast(0, "concurrency: 10"), "whole number, 0 or more: runs at once in the pool ([how](#work-pools))", noLimit},
		{own + ".template", textSetting("template: pools/large.json", insideRule), aPath + ": a JSON file with the base job template", "Prefect's for the type"},
		{own + ".defaults", values("defaults: {stream_output: true}"), "map of the template's variables" + such + " to values for all runs in the pool", "Prefect's"},
		{own + ".queues", queues, "map of queues to their `concurrency` and `priority`", "not looked at"},
	}
}

// containers are the settings of deployments that need an image.
func containers() []row {
	return []row{
		{"image", object("image: {registry: registry.example.com/robots}"), "", ""},
		{"image.registry", textSetting("registry: registry.example.com/robots", registryRule), "host and path, without `https://`", "none: images stay on this machine"},
		{"image.pin", choice("pin: digest", "digest", "tag"), "`digest`, or `tag`", "`tag`"},
		{"image.pull", choice("pull: IfNotPresent", "IfNotPresent", "IfPossible", "Always", "Never"), "`IfNotPresent`, `IfPossible`, `Always`, `Never`", ofPool},
		{"image.platform", textSetting("platform: linux/amd64", platformRule), "system/architecture", "this machine's"},
		{"image.base", textSetting("base: python:3.12-slim", imageRule), "image that the built-in Dockerfile starts from", "`python:3.12-slim`"},
		{"image.dockerfile", textSetting("dockerfile: flows/rpa1/Dockerfile", insideRule), aPath, "the flow's own, else the built-in one"},
		{"image.build_args", variables(`build_args: {VERSION: "1"}`), "map of names to texts", none},
		{"networks", texts("networks: [rpa-network]", networkRule), "list of Docker networks", ofPool},
		{"volumes", texts("volumes: [./data:/data]", volumeRule), "list of `host:container`; a host path with `.` counts from `code.directory`", none},
		{"memory", textSetting("memory: 512m", memoryRule), "number with `b`, `k`, `m` or `g`", ofPool},
	}
}

// single are the settings that only one flow has.
func single() []row {
	return []row{
		{"environments", listOf(textSetting("environments: [prod]"), "environments: [prod]"), "list of environments: deployed in no other", "all"},
		{"description", textSetting(`description: "Reads the orders"`), "text", ofFlow},
		{"version", textSetting(`version: "1.0"`), "text", "a hash of the flow's code"},
	}
}

// code says where workers find the flows: one of four places.
func code() []row {
	places := object("code: {directory: /srv/robots}")
	places.Rule = codeRule
	return []row{
		{"code", places, "", ""},
		{"code.directory", textSetting("directory: /srv/robots", absoluteRule), "absolute path on the worker's host", "dev: this repository"},
		{"code.git", object("git: {repository: https://github.com/acme/robots.git}"), "", ""},
		{"code.git.repository", textSetting("repository: https://github.com/acme/robots.git", repositoryRule), "address of a git repository", "the remote `origin`"},
		{"code.git.branch", textSetting("branch: main", branchRule), "text", "the repository's default"},
		{"code.git.pin", choice("pin: commit", "commit", "branch"), "`commit`: the last that touched the flow's files, `branch`: its head when the run starts", "`commit`"},
		{"code.git.credentials", textSetting("credentials: github-credentials/robots", blockRule), "block as type/name; of type `secret` an access token", none},
		{"code.git.submodules", truth("submodules: true"), yesOrNo, "`false`"},
		{"code.remote", object("remote: {url: s3://bucket/robots}"), "", ""},
		{"code.remote.url", textSetting("url: s3://bucket/robots", storageRule), "address with a scheme that fsspec knows", ""},
		{"code.remote.settings", values("settings: {key: value}"), "map of the file system's own settings", none},
		{"code.block", textSetting("block: s3-bucket/robots", blockRule), "storage block as type/name", ""},
	}
}

// guards are what a deploy refuses or asks about.
func guards() []row {
	return []row{
		{"guards", object("guards: {clean_tree: true}"), "", ""},
		{"guards.clean_tree", truth("clean_tree: true"), "true or false: no changes outside a commit; rendered files don't count", "prod: `true`"},
		{"guards.branches", texts("branches: [main]", globRule), "list of patterns: deploys come from these branches; `[]` is any", "prod: `[main, master]`"},
		{"guards.pinned_images", truth("pinned_images: true"), "true or false: no image by a tag that can be moved, such as `latest`", "prod: `true`"},
		{"guards.own_server", truth("own_server: true"), "true or false: the server is not dev's too", "prod: `true`"},
		{"guards.confirm", truth("confirm: true"), "true or false: ask before a plan that deletes; `-yes` answers", "prod: `true`"},
	}
}

func schedules() []row {
	judge := &schedule.Memory{}
	return []row{
		{"cron", textSetting(`cron: "0 6 * * 1-5"`, cronRule(judge)), "text with 5 fields, or `@daily` and the like", ""},
		{"interval", oneOf(Interval, "interval: 3600", intervalRule), "seconds, or text such as `PT1H` and `1:00:00`", ""},
		{"rrule", textSetting(`rrule: "FREQ=DAILY"`, rruleRule), "text", ""},
		{"timezone", textSetting("timezone: Europe/Berlin", zoneRule(judge)), "IANA name", "UTC"},
		{"anchor_date", textSetting(`anchor_date: "2026-01-01T00:00:00Z"`, momentRule), "text: where intervals count from", "Prefect's"},
		{"slug", textSetting("slug: morning", nameRule), "text: the schedule's own name in its deployment", "none, as with `prefect deploy`"},
		{"active", truth("active: true"), yesOrNo, "`true`"},
		{"parameters", values("parameters: {batch_size: 100}"), "map: parameters of its runs", none},
	}
}

// scale are the settings of a server on several machines.
func scale() []row {
	return []row{
		{"scale", object("scale: {api: 2}"), "", ""},
		{"scale.api", oneOf(Whole, "api: 2", inRange(1, 100)), "whole number, 1 to 100: API processes", "`2`"},
		{"scale.services", oneOf(Whole, "services: 1", inRange(1, 100)), "whole number, 1 to 100: processes for scheduling and events", "`1`"},
		{"scale.workers", oneOf(Whole, "workers: 2", inRange(0, 1000)), "whole number, 0 to 1000: workers of each pool", "`2`"},
		{"scale.port", oneOf(Whole, "port: 4200", inRange(1, 65535)), "whole number, 1 to 65535: the server's port on a host of containers", "`4200`"},
		{"scale.image", textSetting("image: registry.example.com/robots/prefect:1", imageRule), "name of the image for server and workers", "`<project>-<environment>/prefect:latest`"},
		{"scale.storage", textSetting("storage: 10Gi", diskRule), "size: the database's disk on Kubernetes", "`10Gi`"},
		{"scale.images", object(`images: {postgres: "postgres:17"}`), "", ""},
		{"scale.images.python", textSetting(`python: "python:3.12-slim"`, imageRule), "name of an image with Python 3.11 to 3.14", "`python:3.12-slim`"},
		{"scale.images.postgres", textSetting(`postgres: "postgres:17"`, imageRule), anImage, "`postgres:17`"},
		{"scale.images.redis", textSetting(`redis: "redis:7.4"`, imageRule), anImage, "`redis:7.4`"},
		{"scale.images.proxy", textSetting(`proxy: "haproxy:3.0-alpine"`, imageRule), "name of an image of HAProxy", "`haproxy:3.0-alpine`"},
	}
}

// quotedList gives words as Markdown shows code.
func quotedList(words []string, between string) string {
	return "`" + strings.Join(words, "`"+between+"`") + "`"
}
