package command

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

// LogsOptions are the choices of env:logs.
type LogsOptions struct {
	Only   []string // names of logs, or their beginnings; empty: all but the installer's
	Lines  int      // how many of each log's last lines; 0: 20
	Follow bool     // go on with what is written from now on
}

// Logs shows the ends of the embedded environment's logs, and with Follow what comes until ctx ends.
func Logs(ctx context.Context, s *session.Session, o LogsOptions) error {
	tails, err := tails(s, o)
	if err != nil {
		return err
	}
	if env, _, err := session.AllSettings(ctx, s, ""); err == nil { // what is wrong with them is told elsewhere
		session.HideSecrets(s, env)
	}
	if len(tails) == 0 {
		s.Console.Say("nothing was started here yet: %s/logs/ is empty", local.Folder)
	}
	width := 0
	for _, t := range tails {
		width = max(width, len(t.Name))
	}
	show := func(t *fileTail, lines []string) {
		for _, line := range lines {
			s.Console.Printf("%-*s | %s\n", width, t.Name, line)
		}
	}
	for _, t := range tails {
		lines, err := t.next()
		if err != nil {
			return err
		}
		show(t, lines[max(0, len(lines)-cmp.Or(max(o.Lines, 0), 20)):])
	}
	for o.Follow && wait.For(ctx, lookForLines) {
		for _, t := range tails {
			lines, err := t.next()
			if err != nil {
				return err
			}
			show(t, lines)
		}
	}
	return nil
}

// lookForLines is how often logs are read again.
const lookForLines = 300 * time.Millisecond

// tails gives the logs that were asked for.
func tails(s *session.Session, o LogsOptions) ([]*fileTail, error) {
	var out []*fileTail
	logs := s.Embedded(config.Env{}).Logs()
	names := make([]string, 0, len(logs))
	for _, f := range logs {
		names = append(names, f.Name)
		wanted := len(o.Only) == 0 && f.Name != "install"
		if wanted || slices.ContainsFunc(o.Only, func(word string) bool { return strings.HasPrefix(f.Name, word) }) {
			out = append(out, &fileTail{LogFile: f})
		}
	}
	if len(o.Only) > 0 && len(out) == 0 {
		return nil, &fault.Error{
			Code: fault.Usage, What: "no log is called " + strings.Join(o.Only, " or "), Why: "there are: " + strings.Join(names, ", "),
			Next: "write the beginning of a name: -only=server",
		}
	}
	return out, nil
}

// mostOfLog is how much of a log is read at a time; what came before is passed over.
const mostOfLog = 8 << 20

// fileTail reads what a file has got since the last time.
type fileTail struct {
	local.LogFile
	offset int64
	rest   []byte // a line whose end has not been written yet
	hidden secret.Lines
}

// next gives the new lines. A file that became shorter is another one: its process was started anew.
func (t *fileTail) next() ([]string, error) {
	file, err := t.Open()
	if errors.Is(err, fs.ErrNotExist) {
		t.offset, t.rest = 0, nil
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(t.Path, err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, unreadable(t.Path, err)
	}
	switch size := info.Size(); {
	case size < t.offset:
		t.offset, t.rest = 0, nil
	case size-t.offset > mostOfLog:
		t.offset, t.rest = size-mostOfLog, nil
	}
	data, err := io.ReadAll(io.NewSectionReader(file, t.offset, mostOfLog))
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
