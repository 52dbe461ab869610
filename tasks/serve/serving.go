package serve

import (
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
)

// Options are the choices of flows:serve.
type Options struct {
	Env   string
	Only  []string
	Watch bool          // serve anew what changes
	Limit *int          // runs at one time; nil: no limit
	Pause bool          // the deployments at the end
	Grace time.Duration // for runs under way at the end; 0: until they have ended
}

// Serving is a flows:serve under way.
type Serving struct {
	s     *session.Session
	to    session.Server
	o     Options
	env   string
	local *local.Local

	changes <-chan string   // files that have changed; nil: they are not watched
	list    []local.Served  // what is to be served
	blocked []string        // deployments that findings keep from being served
	fatal   map[string]bool // deployments whose loading has ended a whole program; they are left out until something changes
	leaving []*local.Serve  // programs that others follow; they only wait for their last runs
	back    chan struct{}   // the server was away: the program that waited for it can't hear any more which runs are cancelled

	mu      sync.Mutex        // what is below is told by the programs
	loading string            // the deployment that is being loaded
	nothing bool              // no deployment was left to serve
	broken  map[string]string // why a deployment is not served
	shown   map[string]bool   // deployments that were shown as served
}
