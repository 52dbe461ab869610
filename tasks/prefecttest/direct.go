package prefecttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// CreateDeployment creates the deployment that the body describes in the API's words, as hands other than ours do: one that is there is
// overwritten, and need not be ours.
func CreateDeployment(ctx context.Context, api *prefect.Client, body map[string]any) (prefect.Deployment, error) {
	id, _ := body["flow_id"].(string)
	flows, err := api.FlowsByID(ctx, []string{id})
	if err != nil {
		return prefect.Deployment{}, err
	}
	if len(flows) != 1 {
		return prefect.Deployment{}, fmt.Errorf("there is no flow %q", id)
	}
	made, err := api.MakeDeployment(ctx, flows[0].Name, body)
	if errors.Is(err, prefect.ErrOverwritten) || errors.Is(err, prefect.ErrThere) { // the latter after an attempt whose answer was lost
		err = nil
	}
	return made, err
}

// DeleteFlow deletes a flow, and with it its deployments and the history of its runs, which the tool never does. The server asks for no
// password; while it is busy it is asked again.
func DeleteFlow(ctx context.Context, api *prefect.Client, id string) error {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodDelete, api.URL()+"/flows/"+id, nil)
	if err != nil {
		return err
	}
	client := retryablehttp.NewClient()
	client.Logger, client.RetryMax, client.RetryWaitMin = nil, 10, 100*time.Millisecond
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	_ = answer.Body.Close() // nothing is in it
	if answer.StatusCode != http.StatusNoContent && answer.StatusCode != http.StatusNotFound {
		return fmt.Errorf("deleting the flow %s was answered with %s", id, answer.Status)
	}
	return nil
}
