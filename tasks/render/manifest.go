package render

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/config"
)

// Tree gives the manifest that the built-in template writes of some deployments, as the nodes that reading its text would give: thousands of
// deployments need not be written and read to be known. That both say the same is held by a test.
func Tree(deployments []Deployment) (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: make([]*yaml.Node, 0, len(deployments))}
	for _, d := range deployments {
		n, err := d.node()
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, n)
	}
	if len(deployments) == 0 {
		list.Style = yaml.FlowStyle
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{scalar(tagText, "deployments"), list}}, nil
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	value any // a *yaml.Node stands for itself
	given bool
}

// node gives a deployment as the template prefect.yaml.tmpl writes it.
func (d Deployment) node() (*yaml.Node, error) {
	pool, err := mapping(
		pair{"name", d.Pool.Name, true},
		pair{"work_queue_name", d.Pool.Queue, d.Pool.Queue != ""},
		pair{"job_variables", d.JobVariables, true},
	)
	if err != nil {
		return nil, err
	}
	pairs := []pair{
		{"name", d.Name, true},
		{"entrypoint", d.Entrypoint, true},
		{"version", d.Version, true},
		{"description", d.Description, true},
		{"tags", d.Tags, true},
		{"parameters", d.Parameters, true},
		{"schedules", d.Schedules, true},
	}
	pairs = append(pairs, fieldsOf(d.Fields)...)
	return mapping(append(pairs, pair{"pull", d.Pull, true}, pair{"work_pool", pool, true})...)
}

// fieldsOf gives those of one value each, by the names that the manifest has for them.
func fieldsOf(f config.Fields) []pair {
	var out []pair
	for field, v := range reflect.ValueOf(f).Fields() {
		out = append(out, pair{field.Tag.Get("manifest"), v.Interface(), !v.IsNil()})
	}
	return out
}

// mapping gives those of the pairs that are given.
func mapping(pairs ...pair) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, p := range pairs {
		if !p.given {
			continue
		}
		value, done := p.value.(*yaml.Node)
		if !done {
			var err error
			if value, err = nodeOf(reflect.ValueOf(p.value)); err != nil {
				return nil, err
			}
		}
		n.Content = append(n.Content, scalar(tagText, p.key), value)
	}
	return n, nil
}
