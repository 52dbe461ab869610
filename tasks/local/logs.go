package local

import (
	"path/filepath"
	"slices"
	"strings"
)

// LogFile is the output of something that was started here.
type LogFile struct {
	Name string // short: server, worker-rpa, install
	Path string
}

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
