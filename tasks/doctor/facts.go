package doctor

import (
	"time"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// Facts is what env:doctor found out, as plain data. What could not be found out is left empty and stands in Unknown.
type Facts struct {
	Env      string            `json:"environment"`
	At       time.Time         `json:"at"`
	Version  string            `json:"version"` // of this tool
	System   string            `json:"system"`  // such as linux/amd64
	Commit   string            `json:"commit"`
	Server   string            `json:"server"` // the API's address
	Origin   string            `json:"origin"`
	Settings finding.List      `json:"settings"` // what is wrong with them
	Warnings []string          `json:"warnings"` // of the way the server was found
	Tools    []Tool            `json:"tools"`
	Packages map[string]string `json:"packages"` // of the Python that runs the flows: name to version
	Embedded *Embedded         `json:"embedded"` // nil when the environment has a server of its own
	Rungs    ladder.Rungs      `json:"ladder"`
	Prefect  string            `json:"prefect"`  // the server's release
	Image    string            `json:"image"`    // the release of Prefect in the base image of containers; empty: unknown or none
	Database string            `json:"database"` // a guess in words
	Single   bool              `json:"single"`   // one process with everything in memory
	Skew     time.Duration     `json:"skew"`     // how far the server's clock is ahead
	Disks    []Disk            `json:"disks"`
	Idle     []string          `json:"idle"` // work pools with deployments and without a worker, other than those on the ladder
	Runs     []Run             `json:"runs"` // that should have started and have not
	Lock     *LockHolder       `json:"lock"`
	Left     []string          `json:"left"`    // deployments of ours that nothing asks for
	Unknown  []string          `json:"unknown"` // what could not be found out, and why

	Containers bool `json:"containers"` // the environment deploys some
}

// Tool is a program on this machine. Problem is empty when it can be used.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Problem string `json:"problem"`
}

// Embedded is the server in .flowmage/.
type Embedded struct {
	State  string `json:"state"`  // stopped, starting, running or unhealthy
	Python string `json:"python"` // what is wrong with its Python; empty: nothing
	Log    string `json:"log"`
	Taken  bool   `json:"taken"` // its usual port belongs to another program
}

// Disk is the room below a folder.
type Disk struct {
	Path string `json:"path"`
	Free uint64 `json:"free"` // bytes
	// Inodes is the part of the file numbers that is in use, in percent.
	Inodes float64 `json:"inodes"`
}

// Run is a run that waits.
type Run struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	State string        `json:"state"` // Late, or what a dead process left it in
	Since time.Duration `json:"since"`
	Why   string        `json:"why"` // of the latter: who died
}

// LockHolder is who holds the lock of deploys.
type LockHolder struct {
	Who  string        `json:"who"`
	Seen time.Duration `json:"seen"` // since its last sign of life
	Dead bool          `json:"dead"` // a process of this machine that is gone
}
