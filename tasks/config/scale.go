package config

import (
	"cmp"
	"regexp"
	"strings"
)

// Scale says how an environment's own Prefect server is spread over processes and machines. Nothing of it counts for a deploy; it
// is for the files that `env:render` writes. [Env.Spread] fills what is not set.
type Scale struct {
	API      int    `koanf:"api"`      // processes that answer requests, at least 1
	Services int    `koanf:"services"` // processes for scheduling and events, at least 1
	Workers  *int   `koanf:"workers"`  // of each work pool
	Port     int    `koanf:"port"`     // where the server listens on a host of containers
	Image    string `koanf:"image"`    // name and tag of the image for server and workers
	Storage  string `koanf:"storage"`  // of the database on Kubernetes, such as 10Gi
	Images   Images `koanf:"images"`
}

// Images are the images of others that a server is made of.
type Images struct {
	Python   string `koanf:"python"` // what Image is built on
	Postgres string `koanf:"postgres"`
	Redis    string `koanf:"redis"`
	Proxy    string `koanf:"proxy"` // HAProxy
}

// Spread gives the settings of a server on several machines, with defaults for what is not set.
func (e Env) Spread() Scale {
	s := e.Scale
	s.API, s.Services, s.Port = cmp.Or(s.API, 2), cmp.Or(s.Services, 1), cmp.Or(s.Port, 4200)
	if s.Workers == nil {
		s.Workers = new(2)
	}
	s.Image, s.Storage = cmp.Or(s.Image, e.Label()+"/prefect:latest"), cmp.Or(s.Storage, "10Gi")
	s.Images.Python, s.Images.Postgres = cmp.Or(s.Images.Python, "python:3.12-slim"), cmp.Or(s.Images.Postgres, "postgres:17")
	s.Images.Redis, s.Images.Proxy = cmp.Or(s.Images.Redis, "redis:7.4"), cmp.Or(s.Images.Proxy, "haproxy:3.0-alpine")
	return s
}

// Label gives project and environment as a DNS label, which names of containers and namespaces must be (RFC 1123): at most 63 small
// letters, digits and dashes.
func (e Env) Label() string {
	label := notLabel.ReplaceAllString(strings.ToLower(e.Project+"-"+e.Name), "-")
	return strings.Trim(label[:min(len(label), 63)], "-")
}

var notLabel = regexp.MustCompile(`[^a-z0-9]+`)
