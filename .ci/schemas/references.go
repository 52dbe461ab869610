package main

import (
	"fmt"
	"maps"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// cluster is what the files make together.
type cluster struct {
	maps, accounts map[string]bool
	services       []*core.Service
	ingresses      []*networking.Ingress
	pods           []pod
}

type pod struct {
	owner    string
	selector *meta.LabelSelector
	template core.PodTemplateSpec
}

func (c *cluster) add(o meta.Object) {
	if c.maps == nil {
		c.maps, c.accounts = map[string]bool{}, map[string]bool{}
	}
	switch o := o.(type) {
	case *core.ConfigMap:
		c.maps[o.Name] = true
	case *core.ServiceAccount:
		c.accounts[o.Name] = true
	case *core.Service:
		c.services = append(c.services, o)
	case *networking.Ingress:
		c.ingresses = append(c.ingresses, o)
	case *apps.Deployment:
		c.pods = append(c.pods, pod{o.Name, o.Spec.Selector, o.Spec.Template})
	case *apps.StatefulSet:
		c.pods = append(c.pods, pod{o.Name, o.Spec.Selector, o.Spec.Template})
	}
}

// references tells what names something that is not there: the API server takes such objects, and nothing works.
func (c *cluster) references() []error {
	var out []error
	for _, p := range c.pods {
		if s, err := meta.LabelSelectorAsSelector(p.selector); err != nil || s.Empty() || !s.Matches(labels.Set(p.template.Labels)) {
			out = append(out, fmt.Errorf("%s does not select its own pods", p.owner))
		}
		if a := p.template.Spec.ServiceAccountName; a != "" && !c.accounts[a] {
			out = append(out, fmt.Errorf("%s: there is no service account %s", p.owner, a))
		}
		for _, container := range append(p.template.Spec.InitContainers, p.template.Spec.Containers...) {
			out = append(out, c.container(p.owner, container)...)
		}
	}
	for _, s := range c.services {
		out = append(out, c.service(s)...)
	}
	for _, i := range c.ingresses {
		out = append(out, c.ingress(i)...)
	}
	return out
}

func (c *cluster) container(owner string, container core.Container) []error {
	var out []error
	if container.Image == "" {
		out = append(out, fmt.Errorf("%s: %s has no image", owner, container.Name))
	}
	for _, from := range container.EnvFrom {
		if from.ConfigMapRef != nil && !c.maps[from.ConfigMapRef.Name] {
			out = append(out, fmt.Errorf("%s: there is no config map %s", owner, from.ConfigMapRef.Name))
		}
	}
	ports := map[string]bool{}
	for _, p := range container.Ports {
		ports[p.Name] = true
	}
	for _, probe := range []*core.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
		if probe != nil && probe.HTTPGet != nil && !ports[probe.HTTPGet.Port.StrVal] {
			out = append(out, fmt.Errorf("%s: a probe asks the port %q, which is not there", owner, probe.HTTPGet.Port.StrVal))
		}
	}
	if container.Resources.Requests == nil || container.Resources.Limits == nil {
		out = append(out, fmt.Errorf("%s: %s has no resources", owner, container.Name))
	}
	return out
}

func (c *cluster) service(s *core.Service) []error {
	for _, p := range c.pods {
		if maps.Equal(s.Spec.Selector, p.template.Labels) {
			return nil
		}
	}
	return []error{fmt.Errorf("the service %s selects no pods", s.Name)}
}

func (c *cluster) ingress(i *networking.Ingress) []error {
	known := map[string]bool{}
	for _, s := range c.services {
		for _, p := range s.Spec.Ports {
			known[s.Name+" "+p.Name] = true
		}
	}
	var out []error
	for _, rule := range i.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			if to := path.Backend.Service; to == nil || !known[to.Name+" "+to.Port.Name] {
				out = append(out, fmt.Errorf("the ingress %s leads nowhere", i.Name))
			}
		}
	}
	return out
}
