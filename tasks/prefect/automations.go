package prefect

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// Automation does something when a trigger fires. Numbers in Trigger and Actions are json.Number. Whose resource it is, no answer tells.
type Automation struct {
	ID               string           `json:"id"`
	Name             string           `json:"name"`
	Description      string           `json:"description"`
	Enabled          bool             `json:"enabled"`
	Tags             []string         `json:"tags"` // servers before 3.4 have none
	Trigger          map[string]any   `json:"trigger"`
	Actions          []map[string]any `json:"actions"`
	ActionsOnTrigger []map[string]any `json:"actions_on_trigger"`
	ActionsOnResolve []map[string]any `json:"actions_on_resolve"`
}

// FullAutomations is the first release that is known to have all that a deployment's triggers need: tags on automations, several related
// resources, and a time between the event and the run. 3.2.15 has none of them.
func FullAutomations() Release { return Release{Major: 3, Minor: 4, Patch: 25} }

// AutomationsTagged gives the automations that carry a tag. See [FullAutomations].
func (c *Client) AutomationsTagged(ctx context.Context, tag string) ([]Automation, error) {
	all, err := readAll[Automation](ctx, c, "/automations/filter", map[string]any{
		"automations": map[string]any{"tags": map[string]any{"all_": []string{tag}}}, "sort": "NAME_ASC",
	}, 0)
	// The server's filter is trusted for finding, not for deleting.
	all = slices.DeleteFunc(all, func(a Automation) bool { return !slices.Contains(a.Tags, tag) })
	return once(all, func(a Automation) string { return a.ID }), err
}

// Automations gives all automations, the newest first. One that appears while they are read moves others down a page, so none is missing.
func (c *Client) Automations(ctx context.Context) ([]Automation, error) {
	all, err := readAll[Automation](ctx, c, "/automations/filter", map[string]any{"sort": "CREATED_DESC"}, 0)
	return once(all, func(a Automation) string { return a.ID }), err
}

// CreateAutomation makes an automation of the deployment, which is deleted with it; see [Client.DeleteAutomationsOwnedBy]. A repetition
// after a lost answer would make it twice, so there is none.
func (c *Client) CreateAutomation(ctx context.Context, deploymentID string, body map[string]any) (Automation, error) {
	in := map[string]any{"owner_resource": "prefect.deployment." + deploymentID}
	maps.Copy(in, body)
	var out Automation
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/automations/", in: in, out: &out, once: true})
	return out, err
}

// UpdateAutomation replaces what the body names, in the API's words; name, trigger and actions must be there. The automation keeps its id and
// its owner. Its triggers get new ids, whatever ids they are sent with, and forget what they have counted.
func (c *Client) UpdateAutomation(ctx context.Context, id string, body map[string]any) error {
	_, err := c.do(ctx, call{method: http.MethodPut, path: route("automations", id), in: body})
	return err
}

// SwitchAutomation turns an automation on or off and changes nothing else: its triggers keep what they have counted.
func (c *Client) SwitchAutomation(ctx context.Context, id string, enabled bool) error {
	return c.patch(ctx, route("automations", id), map[string]any{"enabled": enabled})
}

// DeleteAutomation removes an automation; [IsNotFound] tells when there is none.
func (c *Client) DeleteAutomation(ctx context.Context, id string) error {
	return c.delete(ctx, route("automations", id))
}
