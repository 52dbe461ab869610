package plan

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// The managed fields by the API's names.
const (
	FieldConcurrency = "concurrency_limit"
	FieldOptions     = "concurrency_options"
	FieldDescription = "description"
	FieldEnforce     = "enforce_parameter_schema"
	FieldEntrypoint  = "entrypoint"
	FieldJob         = "job_variables"
	FieldParameters  = "parameters"
	FieldSchema      = canonical.SchemaField
	FieldPaused      = "paused"
	FieldPull        = "pull_steps"
	FieldTags        = "tags"
	FieldVersion     = "version"
	FieldPool        = "work_pool_name"
	FieldQueue       = "work_queue_name"
)

// Field is one field of a deployment that is kept as the manifest says. Comparison, receipts and what serves flows follow from the list of
// them.
type Field struct {
	Name string // the API's
	// Served says that a program which serves the flow gives it to Prefect, too. The others are for work pools, or Prefect finds them out itself.
	Served bool

	wanted func(source) (any, bool)     // false: the manifest leaves it out, and the server keeps its own
	stored func(prefect.Deployment) any // what the server has
	absent any                          // what null means
	normal func(any) any                // the form in which values that mean the same are equal; nil: as they are
}

// source is what the fields of a deployment come from.
type source struct {
	manifest.Deployment
	flow  *flow.Flow
	owner ownership.Owner
	shape parameter.Text // of the parameters
}

// Managed gives all managed fields, sorted by name.
func Managed() []Field { return slices.Clone(managed) }

//nolint:gochecknoglobals // a table
var managed = []Field{
	{
		Name: FieldConcurrency, Served: true, stored: func(d prefect.Deployment) any { return d.ConcurrencyLimit },
		wanted: func(s source) (any, bool) {
			if s.Concurrency == nil {
				return nil, true
			}
			return s.Concurrency.Limit, true
		},
	},
	{
		Name: FieldOptions, stored: func(d prefect.Deployment) any { return d.ConcurrencyOptions }, normal: withoutNulls,
		wanted: func(s source) (any, bool) { return collision(s.Concurrency) },
	},
	{
		Name: FieldDescription, Served: true, stored: func(d prefect.Deployment) any { return d.Description }, normal: someText,
		wanted: func(s source) (any, bool) {
			if s.Description != nil && *s.Description != "" { // an empty one is the flow's own, as Prefect has it
				return *s.Description, true
			}
			return s.flow.Description, true
		},
	},
	{
		Name: FieldEnforce, Served: true, stored: func(d prefect.Deployment) any { return d.Enforce },
		wanted: func(s source) (any, bool) { return declaredValue(s.Enforce) },
	},
	{
		Name: FieldEntrypoint, Served: true, stored: func(d prefect.Deployment) any { return d.Entrypoint },
		wanted: func(s source) (any, bool) { return s.Entrypoint, true },
	},
	{ // served: its environment variables
		Name: FieldJob, Served: true, stored: func(d prefect.Deployment) any { return d.JobVariables }, absent: map[string]any{}, normal: withoutEmptyEnv,
		wanted: func(s source) (any, bool) { return canonical.OrEmpty(s.WorkPool.JobVariables), true },
	},
	{
		Name: FieldSchema, stored: func(d prefect.Deployment) any { return parameter.Text(d.ParameterSchema) }, normal: opened,
		wanted: func(s source) (any, bool) { return s.shape, true },
	},
	{
		Name: FieldParameters, Served: true, stored: func(d prefect.Deployment) any { return d.Parameters }, absent: map[string]any{},
		wanted: func(s source) (any, bool) { return canonical.OrEmpty(s.Parameters), true },
	},
	{
		Name: FieldPaused, Served: true, stored: func(d prefect.Deployment) any { return d.Paused },
		wanted: func(s source) (any, bool) { return declaredValue(s.Paused) },
	},
	{
		Name: FieldPull, stored: func(d prefect.Deployment) any { return d.PullSteps }, absent: []any{},
		wanted: func(s source) (any, bool) { return append([]map[string]any{}, s.Pull...), s.HasPull },
	},
	{
		Name: FieldTags, Served: true, stored: func(d prefect.Deployment) any { return d.Tags }, normal: canonical.Sorted,
		wanted: func(s source) (any, bool) { return tagsOf(s.Tags, s.owner), true },
	},
	{
		Name: FieldVersion, Served: true, stored: func(d prefect.Deployment) any { return d.Version },
		wanted: func(s source) (any, bool) {
			if s.Version != nil {
				return *s.Version, true
			}
			return s.flow.Version, true
		},
	},
	{
		Name: FieldPool, stored: func(d prefect.Deployment) any { return d.WorkPoolName },
		wanted: func(s source) (any, bool) { return s.WorkPool.Name, true },
	},
	{
		Name: FieldQueue, stored: func(d prefect.Deployment) any { return d.WorkQueueName }, normal: orDefault,
		wanted: func(s source) (any, bool) {
			if strings.TrimSpace(s.WorkPool.Queue) == "" {
				return defaultQueue, true
			}
			return s.WorkPool.Queue, true
		},
	},
}

// defaultQueue is the queue that every work pool has.
const defaultQueue = "default"

var errNoSchema = errors.New("the schema of the flow's parameters is not known")

// fieldsOf gives the managed fields. Optional ones that the manifest leaves out are left out here too: the server keeps its own.
func fieldsOf(d manifest.Deployment, f *flow.Flow, owner ownership.Owner) (map[string]any, error) {
	if f.Schema == "" {
		return nil, errNoSchema
	}
	from, fields := source{d, f, owner, f.Schema}, make(map[string]any, len(managed))
	for _, field := range managed {
		if v, ok := field.wanted(from); ok {
			fields[field.Name] = v
		}
	}
	return canonical.Of(fields)
}

// StoredFields gives a stored deployment's managed fields in the shape of [Desired.Fields], with the schema opened.
func StoredFields(d prefect.Deployment) (map[string]any, error) {
	fields, err := storedFields(d)
	if err == nil {
		fields[FieldSchema] = opened(fields[FieldSchema])
	}
	return fields, err
}

// storedFields is [StoredFields] with the schema closed, as the desired one is: of those that nobody has changed it need not be opened.
func storedFields(d prefect.Deployment) (map[string]any, error) {
	fields := make(map[string]any, len(managed))
	for _, field := range managed {
		fields[field.Name] = field.stored(d)
	}
	return canonical.Of(fields)
}

// normal gives the form of a field in which values that mean the same are equal.
func normal(name string, v any) any {
	at := slices.IndexFunc(managed, func(f Field) bool { return f.Name == name })
	if at < 0 {
		return v
	}
	field := managed[at]
	if v == nil {
		v = field.absent
	}
	if field.normal == nil {
		return v
	}
	return field.normal(v)
}

// declaredValue gives what a pointer points to.
func declaredValue[T any](v *T) (any, bool) {
	if v == nil {
		return nil, false
	}
	return *v, true
}

// collision gives what happens to runs above the limit, where the manifest says it.
func collision(c *manifest.Concurrency) (any, bool) {
	if c == nil || c.Collision == "" {
		return nil, false
	}
	options := map[string]any{"collision_strategy": c.Collision}
	if c.Grace != nil {
		options["grace_period_seconds"] = *c.Grace
	}
	return options, true
}

// withoutNulls leaves out what the server fills in with null.
func withoutNulls(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(_ string, x any) bool { return x == nil })
	return m
}

// someText gives a text, nil for none. Prefect's own client stores a missing description as the text "None".
func someText(v any) any {
	if s, ok := v.(string); !ok || s == "None" || s == "" {
		return nil
	}
	return v
}

// orDefault gives a queue's name, where there is none that of the default queue.
func orDefault(v any) any {
	if v == nil || v == "" {
		return defaultQueue
	}
	return v
}

// Compare gives the fields that have to be written, and all changes, sorted by field.
func Compare(desired, live map[string]any) (map[string]any, []canonical.Change) {
	write := map[string]any{}
	var changes []canonical.Change
	for _, field := range slices.Sorted(maps.Keys(desired)) {
		if sameText(desired[field], live[field]) {
			continue
		}
		want, have := normal(field, desired[field]), normal(field, live[field])
		if canonical.Equal(want, have) {
			continue
		}
		write[field] = desired[field]
		changes = append(changes, canonical.Explain(field, have, want)...)
	}
	return write, changes
}

// opened gives what a schema's text says.
func opened(v any) any {
	if text, ok := v.(parameter.Text); ok {
		v, _ = canonical.Decode(json.RawMessage(text)) // what was just written can be read
	}
	return v
}

// sameText tells whether two schemas are alike to the letter, as they are where the database keeps the order of members: nothing needs to be
// opened then. False says nothing.
func sameText(a, b any) bool {
	x, is := a.(parameter.Text)
	y, too := b.(parameter.Text)
	return is && too && x == y
}

// withoutEmptyEnv gives job variables without an empty env, which means the same as none.
func withoutEmptyEnv(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	if env, ok := m["env"].(map[string]any); ok && len(env) == 0 {
		m = maps.Clone(m)
		delete(m, "env")
	}
	return m
}
