package doctor

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// logEnd is how much of each log goes into a support archive.
const logEnd = 256 << 10

// Bundle writes a support archive: what doctor found out, the settings with their places, and the ends of the logs, all without
// secrets. No file of the repository goes in.
func Bundle(s *session.Session, name string, env config.Env, f Facts, told finding.List) error {
	data, err := json.MarshalIndent(map[string]any{"facts": f, "findings": told}, "", "  ")
	if err != nil {
		return err
	}
	var settings strings.Builder
	for _, v := range env.Explain() {
		fmt.Fprintln(&settings, v)
	}
	files := [][2]string{{"doctor.json", string(data)}, {"settings.txt", settings.String()}}
	for _, log := range s.Embedded(env).Logs() {
		text, err := ending(log)
		if err != nil {
			text = err.Error()
		}
		files = append(files, [2]string{"logs/" + filepath.Base(log.Path), secret.Text(text)})
	}
	archive, err := packed(s, files, f.At)
	if err == nil {
		err = s.Tree().WriteNamed(name, archive, 0o600)
	}
	if err != nil {
		return &fault.Error{Code: fault.Unexpected, What: "the support archive can't be written", Where: s.File(name), Err: tree.Reason(err), Next: "name a file in a folder that is yours: -bundle=/tmp/doctor.tar.gz"}
	}
	return nil
}

// packed makes a .tar.gz. Every text passes the console's redaction.
func packed(s *session.Session, files [][2]string, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, file := range files {
		text := s.Console.Redacted(file[1])
		if err := w.WriteHeader(&tar.Header{Name: "doctor/" + file[0], Mode: 0o600, Size: int64(len(text)), ModTime: at}); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err := zip.Close()
	return b.Bytes(), err
}

// ending gives the last part of a file, from the beginning of a line.
func ending(log local.LogFile) (string, error) {
	file, err := log.Open()
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	from := max(0, info.Size()-logEnd)
	data, err := io.ReadAll(io.NewSectionReader(file, from, logEnd))
	if err != nil || from == 0 {
		return string(data), err
	}
	return string(data[bytes.IndexByte(data, '\n')+1:]), nil
}
