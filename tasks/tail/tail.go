// Package tail shows the ends of logs, and goes on with what is written to them (env:logs). Start with [Show].
package tail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/wait"
)

// Options are the choices of env:logs.
type Options struct {
	Only   []string // names of logs, or their beginnings; empty: all but the installer's
	Lines  int      // how many of each log's last lines; 0: 20
	Follow bool     // go on with what is written from now on
}

// Show prints the ends of the embedded environment's logs, and with Follow what comes until ctx ends.
func Show(ctx context.Context, s *session.Session, o Options) error {
	tails, err := chosen(s.Embedded(config.Env{}).Logs(), o.Only)
	if err != nil {
		return err
	}
	if env, _, err := session.AllSettings(ctx, s, ""); err == nil { // so that nothing secret shows; what is wrong with settings is told elsewhere
		session.HideSecrets(s, env)
	}
	if len(tails) == 0 {
		s.Console.Say("nothing was started here yet: %s/logs/ is empty", local.Folder)
	}
	width := 0
	for _, t := range tails {
		width = max(width, len(t.Name))
	}
	write := func(t *file, lines []string) {
		for _, line := range lines {
			s.Console.Printf("%-*s | %s\n", width, t.Name, line)
		}
	}
	for _, t := range tails {
		lines, err := t.next()
		if err != nil {
			return err
		}
		write(t, lines[max(0, len(lines)-cmp.Or(max(o.Lines, 0), 20)):])
	}
	for o.Follow && wait.For(ctx, lookForLines) {
		for _, t := range tails {
			lines, err := t.next()
			if err != nil {
				return err
			}
			write(t, lines)
		}
	}
	return nil
}

// lookForLines is how often logs are read again.
const lookForLines = 300 * time.Millisecond

// chosen gives the logs whose names begin with one of the words; without any, all but the installer's.
func chosen(logs []local.LogFile, only []string) ([]*file, error) {
	var out []*file
	names := make([]string, 0, len(logs))
	for _, f := range logs {
		names = append(names, f.Name)
		wanted := len(only) == 0 && f.Name != "install"
		if wanted || slices.ContainsFunc(only, func(word string) bool { return strings.HasPrefix(f.Name, word) }) {
			out = append(out, &file{LogFile: f})
		}
	}
	if len(only) > 0 && len(out) == 0 {
		return nil, &fault.Error{
			Code: fault.Usage, What: "no log is called " + strings.Join(only, " or "), Why: "there are: " + strings.Join(names, ", "),
			Next: "write the beginning of a name: -only=server",
		}
	}
	return out, nil
}

// mostOfLog is how much of a log is read at a time; what came before is passed over.
const mostOfLog = 8 << 20

// file reads what a file has got since the last time.
type file struct {
	local.LogFile
	offset int64
	rest   []byte // a line whose end has not been written yet
	hidden secret.Lines
}

// next gives the new lines. A file that became shorter is another one: its process was started anew.
func (t *file) next() ([]string, error) {
	f, err := t.Open()
	if errors.Is(err, fs.ErrNotExist) {
		t.offset, t.rest = 0, nil
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(t.Path, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(t.Path, err)
	}
	switch size := info.Size(); {
	case size < t.offset:
		t.offset, t.rest = 0, nil
	case size-t.offset > mostOfLog:
		t.offset, t.rest = size-mostOfLog, nil
	}
	data, err := io.ReadAll(io.NewSectionReader(f, t.offset, mostOfLog))
	if err != nil {
		return nil, unreadable(t.Path, err)
	}
	t.offset += int64(len(data))
	text := slices.Concat(t.rest, data)
	end := bytes.LastIndexByte(text, '\n') + 1
	t.rest = slices.Clone(text[end:])
	var lines []string
	for line := range strings.Lines(string(text[:end])) {
		lines = append(lines, t.hidden.Line(strings.TrimRight(line, "\r\n")))
	}
	return lines, nil
}

func unreadable(path string, err error) error {
	return &fault.Error{Code: fault.Unexpected, What: "a log can't be read", Where: path, Err: err, Next: "make it readable for you"}
}
