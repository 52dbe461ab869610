package local

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/folder"
)

// LogFile is the output of something that was started here.
type LogFile struct {
	Name string // short: server, worker-rpa, install
	Path string
}

// Open opens the log. What is there and was not written on this machine is refused.
func (f LogFile) Open() (*os.File, error) { return folder.Open(f.Path) }

// Logs gives the log files that there are, by name. What ended left its log behind; that of the start before is not among them.
func (l *Local) Logs() []LogFile {
	paths, _ := filepath.Glob(l.path("logs", "*.log")) // the pattern is well formed
	slices.Sort(paths)
	out := make([]LogFile, 0, len(paths))
	for _, path := range paths {
		out = append(out, LogFile{Name: strings.TrimSuffix(filepath.Base(path), ".log"), Path: path})
	}
	return out
}
