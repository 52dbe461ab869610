package command

import (
	"runtime"

	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/version"
)

// VersionLine says which program this is.
func VersionLine() string {
	return "flowmage " + version.Program().String() + ", " + runtime.GOOS + "/" + runtime.GOARCH
}

// Version prints which program this is.
func Version(s *session.Session, o EnvOptions) error {
	if !o.JSON {
		s.Console.Printf("%s\n", VersionLine())
		return nil
	}
	v := version.Program()
	return s.Console.JSON(map[string]any{
		"version": v.Short(), "release": v.Release, "revision": v.Revision, "modified": v.Modified, "go": v.Go, "system": runtime.GOOS + "/" + runtime.GOARCH,
	})
}
