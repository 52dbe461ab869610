package config_test

import (
	"fmt"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
)

// An environment is what its layers say together, and each value knows where it is from.
func ExampleLoad() {
	env, findings, err := config.Load(config.Source{
		Env: "prod",
		Root: fstest.MapFS{
			"envs/base.yaml": {Data: []byte("project: shop\ntags: [ours]\n")},
			"envs/prod.yaml": {Data: []byte("server: {url: https://prefect.example.com/api}\ncode: {directory: /srv/shop}\n")},
		},
		Environ: []string{"FLOWMAGE_SUFFIX=-blue"},
	})
	fmt.Println(env.Project, env.Server.URL, env.Suffix, findings.HasErrors(), err)
	fmt.Println(env.Place("server.url"))
	// Output:
	// shop https://prefect.example.com/api -blue false <nil>
	// envs/prod.yaml:1:10
}
