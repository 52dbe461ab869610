// Package kind says in which kinds a flow can be deployed, and what sets them apart.
//
// Start with [All]. A new kind is a constant and a line in the tables below it: settings, defaults, work pools, images, flags and what is left
// over on a server follow from what that line says. docs/decisions/0022-rooms.md tells what else it takes.
package kind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Kind is a kind of deployment, by the word that settings, flags and names of deployments have for it. The empty one is none in particular.
type Kind string

// The kinds of deployments.
const (
	Python    Kind = "python"    // runs are processes beside the worker, which finds the code by itself
	Container Kind = "container" // runs are containers, which have the code in their image
)

// Default is what a flow is deployed as where nothing else is said.
const Default = Python

// The types of work pools that mean something to us; a server may have more.
const (
	ProcessPool    = "process"
	DockerPool     = "docker"
	KubernetesPool = "kubernetes"
)

// traits are what sets a kind apart.
type traits struct {
	pools  []string // the types of work pools that it can go to, the natural one first
	suffix string   // of its work pool's name, where the settings give none
	image  bool     // the code is in an image
}

var table = map[Kind]traits{ //nolint:gochecknoglobals // a table that nothing writes to
	Python:    {pools: []string{ProcessPool}},
	Container: {pools: []string{DockerPool, KubernetesPool}, suffix: "-containers", image: true},
}

// All gives the kinds, in the order in which they are preferred.
func All() []Kind { return []Kind{Python, Container} }

// Words gives the kinds as they are written.
func Words() []string {
	out := make([]string, 0, len(All()))
	for _, k := range All() {
		out = append(out, string(k))
	}
	return out
}

// Check refuses a word that is no kind, as a flag may hold; the empty one stands for all of them.
func (k Kind) Check() error {
	if k == "" || slices.Contains(All(), k) {
		return nil
	}
	next := finding.Meant(finding.Nearest(string(k), Words()), "write -kind="+strings.Join(Words(), " or -kind="))
	return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("%q is no kind of deployment", k), Next: next}
}

// PoolTypes gives the types of work pools that deployments of the kind can go to, the natural one first.
func (k Kind) PoolTypes() []string { return table[k].pools }

// PoolName gives the name of the kind's own work pool, from that of its project and environment.
func (k Kind) PoolName(base string) string { return base + table[k].suffix }

// NeedsImage tells whether its deployments have their code in an image. The others find it where the settings say.
func (k Kind) NeedsImage() bool { return table[k].image }

// Imaged gives those of the kinds that need an image.
func Imaged(kinds []Kind) []Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return !k.NeedsImage() })
}

// OfPool gives the kind of the deployments in a work pool of that type. One that no kind names starts containers too, on somebody's cloud.
func OfPool(poolType string) Kind {
	for _, k := range All() {
		if slices.Contains(k.PoolTypes(), poolType) {
			return k
		}
	}
	return Container
}
