// Command steps reads and checks the repository that its standard input describes, and counts what that takes: it is built with coverage, whose
// counters, which it leaves in a folder, say how often each statement was executed. It prints how many bytes were allocated.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/coverage"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
)

func main() {
	log.SetFlags(0)
	var texts map[string]string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatal(err)
	}
	repository, err := os.MkdirTemp(os.Args[1], "repository")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range texts {
		file := filepath.Join(repository, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			log.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = coverage.ClearCounters()
	if err == nil {
		err = work(flow.Folder(repository))
	}
	runtime.ReadMemStats(&after)
	if err := errors.Join(err, coverage.WriteCountersDir(os.Args[1]), coverage.WriteMetaDir(os.Args[1])); err != nil {
		log.Fatal(err)
	}
	fmt.Println(after.TotalAlloc - before.TotalAlloc)
}

// work is what every command begins with: settings, flows, their schemas, and what is wrong with them.
func work(tree fs.FS) error {
	env, _, err := config.Load(config.Source{Root: tree, Env: "dev", Folder: "/srv/shop"})
	if err != nil {
		return err
	}
	scanned, err := flow.Scan(context.Background(), tree, flow.Options{})
	if err != nil {
		return err
	}
	flows, _ := schema.Flows(scanned.Library, scanned.Flows, nil)
	check.Settings(env, flows, nil).Sorted()
	return nil
}
