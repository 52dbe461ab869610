package prefect

import (
	"context"
	"errors"
	"net/http"
)

// What speaks against a creation, see [Client.MakeDeployment].
var (
	// ErrThere says that there is a deployment of that flow and name by now. It was left as it is.
	ErrThere = errors.New("there is a deployment of that name by now")
	// ErrOverwritten says that somebody else had made one at the last moment, and that it holds now what was to be created.
	ErrOverwritten = errors.New("a deployment of that name appeared at the last moment and was overwritten")
)

// MakeDeployment creates the deployment that the body describes, of a flow that had none of its name a moment ago. The server takes the
// same request for a change of one that is there, so an answer that says so is [ErrOverwritten], with the deployment as it is now.
//
// An attempt whose answer was lost may have created it. Before it is repeated the server is asked: a deployment that is there comes back with
// [ErrThere], and whoever knows what was sent can tell whether it is that.
func (c *Client) MakeDeployment(ctx context.Context, flow string, body map[string]any) (Deployment, error) {
	name, _ := body["name"].(string)
	var made, there Deployment
	got, err := c.do(ctx, call{method: http.MethodPost, path: "/deployments/", in: body, out: &made, again: func(ctx context.Context) error {
		found, err := c.DeploymentByName(ctx, flow, name)
		switch {
		case IsNotFound(err):
			return nil
		case err == nil:
			there, err = found, ErrThere
		}
		return err
	}})
	if errors.Is(err, ErrThere) {
		return there, err
	}
	made.settle()
	// After a repetition it is an earlier attempt of ours that the server was still at when it was asked.
	if err == nil && got.status == http.StatusOK && got.attempts == 1 {
		err = ErrOverwritten
	}
	return made, err
}
