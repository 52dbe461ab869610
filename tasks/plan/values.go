package plan

// Pool gives the name of the work pool that the deployment runs in, "" when it names none.
func (d Desired) Pool() string { return d.text(FieldPool) }

// Queue gives the name of its work queue.
func (d Desired) Queue() string { return d.text(FieldQueue) }

// Description gives its description, "" when it has none.
func (d Desired) Description() string { return d.text(FieldDescription) }

// Version gives its version, "" when it has none.
func (d Desired) Version() string { return d.text(FieldVersion) }

// Parameters gives the parameters' values.
func (d Desired) Parameters() map[string]any { return d.mapping(FieldParameters) }

// JobVariables gives the job variables, the environment variables among them.
func (d Desired) JobVariables() map[string]any { return d.mapping(FieldJob) }

// Env gives the environment variables of its runs.
func (d Desired) Env() map[string]any {
	env, _ := d.JobVariables()["env"].(map[string]any)
	return env
}

// Image gives the image of its runs, "" when it names none.
func (d Desired) Image() string {
	image, _ := d.JobVariables()["image"].(string)
	return image
}

// Tags gives the tags, the owner's among them.
func (d Desired) Tags() []string {
	list, _ := d.Fields[FieldTags].([]any)
	out := make([]string, 0, len(list))
	for _, tag := range list {
		if text, ok := tag.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// Concurrency gives how many runs there may be at one time, as a number of JSON, or nil for no limit.
func (d Desired) Concurrency() any { return d.Fields[FieldConcurrency] }

// Enforced tells whether the server judges the parameters of runs by the schema. Where nothing is said it does.
func (d Desired) Enforced() bool {
	enforced, said := d.Fields[FieldEnforce].(bool)
	return enforced || !said
}

// Paused tells whether it is to be paused; said is false where the manifest leaves that to the server.
func (d Desired) Paused() (paused, said bool) {
	paused, said = d.Fields[FieldPaused].(bool)
	return paused, said
}

func (d Desired) text(field string) string {
	text, _ := d.Fields[field].(string)
	return text
}

func (d Desired) mapping(field string) map[string]any {
	values, _ := d.Fields[field].(map[string]any)
	return values
}
