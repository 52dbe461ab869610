package config

import (
	"cmp"
	"fmt"
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

func scale() spec {
	return spec{form: object, example: "scale: {api: 2}", keys: map[string]spec{
		"api":      one(whole, "api: 2", between(1, 100)),
		"services": one(whole, "services: 1", between(1, 100)),
		"workers":  one(whole, "workers: 2", between(0, 1000)),
		"port":     one(whole, "port: 4200", between(1, 65535)),
		"image":    one(text, "image: registry.example.com/robots/prefect:1", imageRule),
		"storage":  one(text, "storage: 10Gi", diskRule),
		"images": {form: object, example: "images: {postgres: \"postgres:17\"}", keys: map[string]spec{
			"python":   one(text, `python: "python:3.12-slim"`, imageRule),
			"postgres": one(text, `postgres: "postgres:17"`, imageRule),
			"redis":    one(text, `redis: "redis:7.4"`, imageRule),
			"proxy":    one(text, `proxy: "haproxy:3.0-alpine"`, imageRule),
		}},
	}}
}

func between(low, high int) func(any) *problem {
	return func(v any) *problem {
		if i, _ := v.(int); i < low || i > high {
			return &problem{
				code: outOfRange, message: fmt.Sprintf("must be from %d to %d, this is %d", low, high, i),
				fix: "write a number in that range, or remove the line for the default",
			}
		}
		return nil
	}
}

// quantity is a size in Kubernetes' own form (Kubernetes: api/resource).
var quantity = regexp.MustCompile(`^[1-9]\d*(?:Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$`)

func diskRule(v any) *problem {
	return fits(v, quantity, "write storage: 10Gi", "must be a size as Kubernetes wants it, this is %q")
}
