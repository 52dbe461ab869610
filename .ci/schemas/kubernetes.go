package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

// kinds are the objects that may stand in a file.
func kinds() map[string]func() meta.Object {
	return map[string]func() meta.Object{
		"v1 Namespace": func() meta.Object { return &core.Namespace{} }, "v1 ConfigMap": func() meta.Object { return &core.ConfigMap{} },
		"v1 Service": func() meta.Object { return &core.Service{} }, "v1 ServiceAccount": func() meta.Object { return &core.ServiceAccount{} },
		"apps/v1 Deployment": func() meta.Object { return &apps.Deployment{} }, "apps/v1 StatefulSet": func() meta.Object { return &apps.StatefulSet{} },
		"policy/v1 PodDisruptionBudget":            func() meta.Object { return &policy.PodDisruptionBudget{} },
		"networking.k8s.io/v1 Ingress":             func() meta.Object { return &networking.Ingress{} },
		"rbac.authorization.k8s.io/v1 Role":        func() meta.Object { return &rbac.Role{} },
		"rbac.authorization.k8s.io/v1 RoleBinding": func() meta.Object { return &rbac.RoleBinding{} },
	}
}

// kubernetesFiles reads every document of every file, judges them together, and prints a line an object.
func kubernetesFiles(files []string, out io.Writer) error {
	var objects cluster
	var problems []error
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // the files that it is told to judge
		if err != nil {
			return err
		}
		reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
		for {
			document, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			o, kind, err := decode(document)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", file, err))
			}
			if o == nil {
				continue
			}
			problems = append(problems, named(file, kind, o)...)
			objects.add(o)
			if _, err := fmt.Fprintf(out, "%s %s\n", kind, o.GetName()); err != nil {
				return err
			}
		}
	}
	return errors.Join(append(problems, objects.references()...)...)
}

// decode reads one object strictly; nil for a document of comments alone.
func decode(document []byte) (meta.Object, string, error) {
	var head meta.TypeMeta
	if err := strict.Unmarshal(document, &head); err != nil {
		return nil, "", err
	}
	var anything any
	if err := strict.Unmarshal(document, &anything); err != nil || anything == nil {
		return nil, "", err
	}
	kind := head.APIVersion + " " + head.Kind
	fresh, known := kinds()[kind]
	if !known {
		return nil, kind, fmt.Errorf("unknown kind %q", kind)
	}
	o := fresh()
	if err := strict.UnmarshalStrict(document, o); err != nil {
		return nil, kind, fmt.Errorf("%s: %w", kind, err)
	}
	return o, kind, nil
}

func named(file, kind string, o meta.Object) []error {
	var out []error
	for _, problem := range validation.IsDNS1123Label(o.GetName()) {
		out = append(out, fmt.Errorf("%s: %s %q: %s", file, kind, o.GetName(), problem))
	}
	if o.GetNamespace() == "" && kind != "v1 Namespace" {
		out = append(out, fmt.Errorf("%s: %s %s has no namespace", file, kind, o.GetName()))
	}
	return out
}
