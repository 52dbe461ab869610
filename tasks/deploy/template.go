package deploy

import (
	"encoding/json"
	"fmt"
)

// createArguments is the job variable for what a Docker worker hands to the daemon as it is, such as the user that a container runs as.
const createArguments = "container_create_kwargs"

// completeTemplate adds to the template of a new Docker pool the variable that its worker knows and the server's own list lacks: without it
// the user of containers could not be set. (Prefect 3.8.8: prefect_docker/worker.py against the server's worker metadata.)
func completeTemplate(poolType string, template json.RawMessage) (json.RawMessage, error) {
	if poolType != "docker" {
		return template, nil
	}
	var t map[string]any
	if err := json.Unmarshal(template, &t); err != nil {
		return nil, fmt.Errorf("the server's template for Docker pools: %w", err)
	}
	job, _ := t["job_configuration"].(map[string]any)
	variables, _ := t["variables"].(map[string]any)
	properties, _ := variables["properties"].(map[string]any)
	if job == nil || properties == nil || properties[createArguments] != nil {
		return template, nil
	}
	job[createArguments] = "{{ " + createArguments + " }}"
	properties[createArguments] = map[string]any{
		"title": "Container Configuration", "description": "Arguments that are handed to Docker when a container is made, such as user.",
		"anyOf": []any{map[string]any{"type": "object", "additionalProperties": true}, map[string]any{"type": "null"}}, "default": nil,
	}
	return json.Marshal(t)
}
