package render

import (
	"cmp"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/config"
)

// ScaleOf gives the settings of a server on several machines, with defaults for what is not set.
func ScaleOf(e config.Env) config.Scale {
	s := e.Scale
	s.API, s.Services, s.Port = cmp.Or(s.API, 2), cmp.Or(s.Services, 1), cmp.Or(s.Port, 4200)
	if s.Workers == nil {
		s.Workers = new(2)
	}
	s.Image, s.Storage = cmp.Or(s.Image, Label(e)+"/prefect:latest"), cmp.Or(s.Storage, "10Gi")
	s.Images.Python, s.Images.Postgres = cmp.Or(s.Images.Python, "python:3.12-slim"), cmp.Or(s.Images.Postgres, "postgres:17")
	s.Images.Redis, s.Images.Proxy = cmp.Or(s.Images.Redis, "redis:7.4"), cmp.Or(s.Images.Proxy, "haproxy:3.0-alpine")
	return s
}

// Label gives project and environment as a DNS label, which names of containers and namespaces must be (RFC 1123): at most 63 small
// letters, digits and dashes.
func Label(e config.Env) string {
	label := notLabel.ReplaceAllString(strings.ToLower(e.Project+"-"+e.Name), "-")
	return strings.Trim(label[:min(len(label), 63)], "-")
}

var notLabel = pattern.New(`[^a-z0-9]+`)
