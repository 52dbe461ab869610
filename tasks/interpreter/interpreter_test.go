package interpreter

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
)

// locked is what every command does first.
func (i *Installation) locked(ctx context.Context) (Env, error) {
	if err := i.folder.Make(); err != nil {
		return Env{}, err
	}
	unlock, err := i.folder.Lock(ctx)
	if err != nil {
		return Env{}, err
	}
	defer unlock()
	return i.Ensure(ctx)
}

// told gives all of an error.
func told(err error) string {
	var b bytes.Buffer
	console.New(&b, &b).Fault(err)
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
