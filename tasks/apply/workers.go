package apply

import "context"

// Workers are those that this machine runs for the server's work pools in the background. They go with their pool; other people's keep it.
type Workers interface {
	// Of gives the name by which the server knows the worker of a pool, "" when none runs here.
	Of(ctx context.Context, pool string) string
	// Stop ends the worker of a pool, with the runs that it has under way. None is no error.
	Stop(ctx context.Context, pool string) error
}
