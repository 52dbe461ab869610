package config

import "maps"

// The settings that other code asks for by name.
const (
	projectKey = "project"
)

// form is the shape that a value must have.
type form int

const (
	text     form = iota // a string
	whole                // a whole number
	truth                // true or false
	interval             // a number of seconds, or a string
	free                 // any JSON value
	object               // a mapping with known keys
	named                // a mapping whose keys the user chooses
	list                 // a list of one form
)

// spec says what may stand at a key. A new setting is a new line in [schema] and a field of [Env].
type spec struct {
	form    form
	keys    map[string]spec    // of an object
	each    *spec              // of named and list
	exact   bool               // of named: names from variables keep their case
	soon    []string           // of an object: keys that a later version will know
	example string             // the lines to write, for fixes
	rule    func(any) *problem // judges a value of the right form
}

// problem is what a rule finds wrong.
type problem struct {
	code, message, fix string // message goes on after the key: "must be …"
	warning            bool
}

func one(f form, example string, rules ...func(any) *problem) spec {
	s := spec{form: f, example: example}
	if len(rules) > 0 {
		s.rule = rules[0]
	}
	return s
}

func listOf(each spec, example string) spec { return spec{form: list, each: &each, example: example} }

func namesOf(each spec, example string) spec { return spec{form: named, each: &each, example: example} }

// schema is every setting that exists.
func schema() spec {
	top := map[string]spec{
		projectKey: one(text, "project: sales-robots", projectRule),
		"server": {form: object, example: "server: {url: https://prefect.example.com/api}", keys: map[string]spec{
			"url": one(text, "url: https://prefect.example.com/api", apiRule),
			"ui":  one(text, "ui: https://prefect.example.com", webRule),
		}},
		"python":  one(text, "python: .venv/bin/python"),
		"naming":  one(text, `naming: "{flow}-{kind}-{env}"`, namingRule),
		"paths":   listOf(one(text, "flows", insideRule), "paths: [flows]"),
		"exclude": listOf(one(text, "flows/drafts/**", globRule), `exclude: ["flows/drafts/**"]`),
		"pools": {form: object, example: "pools: {python: {name: robots}}", soon: []string{container}, keys: map[string]spec{
			python: {form: object, example: "python: {name: robots}", keys: map[string]spec{
				"name":  one(text, "name: robots", poolNameRule),
				"type":  one(text, "type: process", processRule),
				"queue": one(text, "queue: default", nameRule),
			}},
		}},
		"code": {form: object, example: "code: {directory: /srv/robots}", keys: map[string]spec{
			"directory": one(text, "directory: /srv/robots", absoluteRule),
		}},
		"prune": one(truth, "prune: true"),
		"flows": namesOf(override(), "flows: {rpa1: {enabled: false}}"),
	}
	maps.Copy(top, perFlow())
	return spec{form: object, keys: top, soon: []string{"containers"}}
}

// perFlow are the settings that hold for all flows and can be overridden for one.
func perFlow() map[string]spec {
	variables := namesOf(one(text, `LOG_LEVEL: "info"`), `env: {LOG_LEVEL: "info"}`)
	variables.exact = true
	return map[string]spec{
		"kinds":                    listOf(one(text, "python", kindRule), "kinds: [python]"),
		"tags":                     listOf(one(text, "nightly", tagRule), "tags: [nightly]"),
		"parameters":               namesOf(one(free, "batch_size: 100"), "parameters: {batch_size: 100}"),
		"env":                      variables,
		"job_variables":            namesOf(one(free, "stream_output: true"), "job_variables: {stream_output: true}"),
		"schedules":                listOf(scheduleSpec(), `schedules: [{cron: "0 6 * * 1-5", timezone: Europe/Berlin}]`),
		"concurrency":              one(whole, "concurrency: 1", atLeastOne),
		"enforce_parameter_schema": one(truth, "enforce_parameter_schema: true"),
		"protect":                  one(truth, "protect: true"),
	}
}

func override() spec {
	keys := perFlow()
	keys["enabled"] = one(truth, "enabled: false")
	keys["description"] = one(text, `description: "Reads the orders"`)
	keys["version"] = one(text, `version: "1.0"`)
	return spec{form: object, keys: keys, example: "rpa1: {enabled: false}"}
}

func scheduleSpec() spec {
	return spec{form: object, example: `{cron: "0 6 * * 1-5"}`, rule: scheduleRule, keys: map[string]spec{
		"cron":        one(text, `cron: "0 6 * * 1-5"`, cronRule),
		"interval":    one(interval, "interval: 3600", intervalRule),
		"rrule":       one(text, `rrule: "FREQ=DAILY"`, rruleRule),
		"timezone":    one(text, "timezone: Europe/Berlin", zoneRule),
		"anchor_date": one(text, `anchor_date: "2026-01-01T00:00:00Z"`, momentRule),
		"slug":        one(text, "slug: morning", nameRule),
		"active":      one(truth, "active: true"),
		"parameters":  namesOf(one(free, "batch_size: 100"), "parameters: {batch_size: 100}"),
	}}
}
