package config

import (
	"cmp"
	"maps"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// The settings that other code asks for by name.
const (
	projectKey   = "project"
	poolsKey     = "pools"
	flowsKey     = "flows"
	kindsKey     = "kinds"
	codeKey      = "code"
	schedulesKey = "schedules"
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
	alone   bool               // of named: a name says something by itself, so its value must not be empty
	choices []string           // of a text: the only ones
	least   int                // of a whole number, when above zero
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

func choice(example string, words ...string) spec {
	return spec{form: text, example: example, choices: words, rule: choiceRule(words)}
}

func atLeast(least int, example string) spec {
	return spec{form: whole, example: example, least: least, rule: leastRule(least)}
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
		"python":     one(text, "python: .venv/bin/python"),
		"prefix":     one(text, `prefix: "{user}-"`, affixRule),
		"suffix":     one(text, "suffix: -blue", affixRule),
		"paths":      listOf(one(text, "flows", insideRule), "paths: [flows]"),
		"exclude":    listOf(one(text, "flows/drafts/**", globRule), `exclude: ["flows/drafts/**"]`),
		"containers": choice("containers: auto", "auto", "on", "off"),
		"schemas":    choice("schemas: python", "source", "python"),
		"secrets":    variablesOf(one(text, "DB_PASSWORD: /run/secrets/db"), "secrets: {DB_PASSWORD: /run/secrets/db}"),
		"prune":      one(truth, "prune: true"),
		"scale":      scale(),
		"guards": {form: object, example: "guards: {clean_tree: true}", keys: map[string]spec{
			"clean_tree":    one(truth, "clean_tree: true"),
			"branches":      listOf(one(text, "main", globRule), "branches: [main]"),
			"pinned_images": one(truth, "pinned_images: true"),
			"own_server":    one(truth, "own_server: true"),
			"confirm":       one(truth, "confirm: true"),
		}},
		flowsKey: namesOf(override(), "flows: {rpa1: {enabled: false}}"),
	}
	maps.Copy(top, perFlow())
	return spec{form: object, keys: top}
}

// code says where workers find the flows: one of four places.
func code() spec {
	return spec{form: object, example: "code: {directory: /srv/robots}", rule: codeRule, keys: map[string]spec{
		"directory": one(text, "directory: /srv/robots", absoluteRule),
		"git": {form: object, example: "git: {repository: https://github.com/acme/robots.git}", keys: map[string]spec{
			"repository":  one(text, "repository: https://github.com/acme/robots.git", repositoryRule),
			"branch":      one(text, "branch: main", branchRule),
			"pin":         choice("pin: commit", "commit", "branch"),
			"credentials": one(text, "credentials: github-credentials/robots", blockRule),
			"submodules":  one(truth, "submodules: true"),
		}},
		"remote": {form: object, example: "remote: {url: s3://bucket/robots}", keys: map[string]spec{
			"url":      one(text, "url: s3://bucket/robots", storageRule),
			"settings": namesOf(one(free, "key: value"), "settings: {key: value}"),
		}},
		"block": one(text, "block: s3-bucket/robots", blockRule),
	}}
}

// variablesOf is a mapping of variables' names, whose case counts.
func variablesOf(each spec, example string) spec {
	s := namesOf(each, example)
	s.exact = true
	return s
}

// Fields are those of a deployment that are one value each: settings, overrides and templates all have them. Nil means not set.
type Fields struct {
	Concurrency *int  `koanf:"concurrency" manifest:"concurrency_limit"`                     // runs at once, at least 1; nil: no limit
	Enforce     *bool `koanf:"enforce_parameter_schema" manifest:"enforce_parameter_schema"` // nil: Prefect's default, true
}

// fieldsUnder gives copies of the values, with others put over them.
func (f Fields) fieldsUnder(high Fields) Fields {
	return Fields{Concurrency: copied(cmp.Or(high.Concurrency, f.Concurrency)), Enforce: copied(cmp.Or(high.Enforce, f.Enforce))}
}

// perFlow are the settings that hold for all flows and can be overridden for one.
func perFlow() map[string]spec {
	return map[string]spec{
		"naming":                   one(text, `naming: "{flow}-{kind}-{env}"`, namingRule),
		kindsKey:                   listOf(choice(string(kind.Default), kind.Words()...), "kinds: [python]"),
		"enabled":                  one(truth, "enabled: false"),
		"tags":                     listOf(one(text, "nightly", tagRule), "tags: [nightly]"),
		"parameters":               namesOf(one(free, "batch_size: 100"), "parameters: {batch_size: 100}"),
		"env":                      variablesOf(one(text, `LOG_LEVEL: "info"`), `env: {LOG_LEVEL: "info"}`),
		"job_variables":            namesOf(one(free, "stream_output: true"), "job_variables: {stream_output: true}"),
		"schedules":                listOf(scheduleSpec(), `schedules: [{cron: "0 6 * * 1-5", timezone: Europe/Berlin}]`),
		"pause_schedules":          one(truth, "pause_schedules: true"),
		codeKey:                    code(),
		"concurrency":              atLeast(1, "concurrency: 1"),
		"enforce_parameter_schema": one(truth, "enforce_parameter_schema: true"),
		"protect":                  one(truth, "protect: true"),
		poolsKey:                   {form: object, example: "pools: {python: {name: robots}}", keys: pools()},
		"image": {form: object, example: "image: {registry: registry.example.com/robots}", keys: map[string]spec{
			"registry":   one(text, "registry: registry.example.com/robots", registryRule),
			"pin":        choice("pin: digest", "digest", "tag"),
			"pull":       choice("pull: IfNotPresent", "IfNotPresent", "IfPossible", "Always", "Never"),
			"platform":   one(text, "platform: linux/amd64", platformRule),
			"base":       one(text, "base: python:3.12-slim", imageRule),
			"dockerfile": one(text, "dockerfile: flows/rpa1/Dockerfile", insideRule),
			"build_args": variablesOf(one(text, `VERSION: "1"`), `build_args: {VERSION: "1"}`),
		}},
		"networks": listOf(one(text, "rpa-network", networkRule), "networks: [rpa-network]"),
		"volumes":  listOf(one(text, "./data:/data", volumeRule), "volumes: [./data:/data]"),
		"memory":   one(text, "memory: 512m", memoryRule),
	}
}

func pools() map[string]spec {
	out := map[string]spec{}
	for _, k := range kind.All() {
		out[string(k)] = pool(k.PoolTypes()...)
	}
	return out
}

func pool(types ...string) spec {
	return spec{form: object, example: "{name: robots}", keys: map[string]spec{
		"name":  one(text, "name: robots", poolNameRule),
		"type":  choice("type: "+types[0], types...),
		"queue": one(text, "queue: default", nameRule),

		"concurrency": atLeast(0, "concurrency: 10"),
		"template":    one(text, "template: pools/large.json", insideRule),
		"defaults":    namesOf(one(free, "stream_output: true"), "defaults: {stream_output: true}"),
		"queues":      queues(),
	}}
}

func queues() spec {
	s := namesOf(queue(), "queues: {fast: {concurrency: 2, priority: 1}}")
	s.alone = true
	return s
}

func queue() spec {
	return spec{form: object, example: "fast: {concurrency: 2, priority: 1}", keys: map[string]spec{
		"concurrency": atLeast(0, "concurrency: 2"),
		"priority":    atLeast(1, "priority: 1"),
	}}
}

func override() spec {
	keys := perFlow()
	keys["environments"] = listOf(one(text, "prod"), "environments: [prod]")
	keys["description"] = one(text, `description: "Reads the orders"`)
	keys["version"] = one(text, `version: "1.0"`)
	return spec{form: object, keys: keys, example: "rpa1: {enabled: false}"}
}

func scheduleSpec() spec {
	judge := &schedule.Memory{}
	return spec{form: object, example: `{cron: "0 6 * * 1-5"}`, rule: scheduleRule, keys: map[string]spec{
		"cron":        one(text, `cron: "0 6 * * 1-5"`, cronRule(judge)),
		"interval":    one(interval, "interval: 3600", intervalRule),
		"rrule":       one(text, `rrule: "FREQ=DAILY"`, rruleRule),
		"timezone":    one(text, "timezone: Europe/Berlin", zoneRule(judge)),
		"anchor_date": one(text, `anchor_date: "2026-01-01T00:00:00Z"`, momentRule),
		"slug":        one(text, "slug: morning", nameRule),
		"active":      one(truth, "active: true"),
		"parameters":  namesOf(one(free, "batch_size: 100"), "parameters: {batch_size: 100}"),
	}}
}
