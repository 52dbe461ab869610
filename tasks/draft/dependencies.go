package draft

import (
	"cmp"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/imports"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/requirement"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/templates"
)

// dependencies judges the imports of the flows that are deployed against what is declared for them, and where they run.
func dependencies(s *session.Session, env config.Env, library *python.Library, flows []flow.Flow) finding.List {
	deployed := slices.DeleteFunc(slices.Clone(flows), func(f flow.Flow) bool { return !env.Settings(f.Names()...).Enabled })
	return imports.Judge(imports.Asked{Root: s.Tree(), Library: library, Flows: deployed, Places: places(s, env, deployed)})
}

// places gives where flows run, as far as this tool makes that place: the embedded environment, and images.
func places(s *session.Session, env config.Env, flows []flow.Flow) []imports.Place {
	out := embeddedPlace(s, env, flows)
	at := map[string]int{}
	for _, f := range flows {
		settings := env.Settings(f.Names()...)
		if len(settings.Imaged()) == 0 {
			continue
		}
		p := imagePlace(s, settings, f)
		p.Partly = len(settings.Imaged()) < len(settings.Kinds)
		key := fmt.Sprint(p)
		i, known := at[key]
		if !known {
			i = len(out)
			at[key], out = i, append(out, p)
		}
		out[i].Flows = append(out[i].Flows, f.Entrypoint)
	}
	pins := map[[2]string][]imports.Pin{}
	for i := range out {
		if key := [2]string{out[i].Platform, out[i].Python}; out[i].Exact {
			if _, known := pins[key]; !known {
				pins[key] = pinsOf(key[0], key[1])
			}
			out[i].Pins = pins[key]
		}
		if out[i].Name == "" {
			out[i].Name = "its image"
		}
	}
	return out
}

// embeddedPlace gives the environment in .flowmage/, where that is what runs the flows that need no image.
func embeddedPlace(s *session.Session, env config.Env, flows []flow.Flow) []imports.Place {
	at, err := s.Locate(env)
	if err != nil || at.Embedded == nil || env.Python != "" {
		return nil
	}
	p := imports.Place{Name: "the environment in .flowmage/", Files: session.Requirements(s, flows), Exact: true, Platform: platform()}
	for _, f := range flows {
		if settings := env.Settings(f.Names()...); len(settings.Imaged()) < len(settings.Kinds) {
			p.Flows = append(p.Flows, f.Entrypoint)
		}
	}
	if len(p.Flows) == 0 {
		return nil
	}
	return []imports.Place{p}
}

// platform is what Python calls this system.
func platform() string {
	if runtime.GOOS == "windows" {
		return "win32"
	}
	return runtime.GOOS
}

// imagePlace gives the image of a flow. What is in one by the built-in Dockerfile, from an image of Python's own, is known.
func imagePlace(s *session.Session, settings config.Settings, f flow.Flow) imports.Place {
	i := settings.Container.Image
	p := imports.Place{Platform: "linux"}
	own := cmp.Or(i.Dockerfile, image.Project{Files: s.Tree()}.Own(f.Dir()))
	if own != "" {
		if text, err := s.Tree().Into(own, nil, tree.Text); err == nil {
			p.Python = image.PythonIn(text, i.BuildArgs)
		}
		return p
	}
	base := cmp.Or(i.Base, render.BaseImage)
	p.Python = image.PythonOf(base)
	if !strings.HasPrefix(base, "python:") || tree.HasFile(s.Tree(), "templates/"+render.Dockerfile) {
		return p
	}
	p.Exact, p.Files = true, imageRequirements(s, f)
	return p
}

// imageRequirements gives the files that the built-in Dockerfile installs for a flow.
func imageRequirements(s *session.Session, f flow.Flow) []string {
	return slices.DeleteFunc(session.Requirements(s, []flow.Flow{f}), func(name string) bool { return path.Ext(name) != ".txt" })
}

// pinsOf gives the versions of Prefect's lock on a platform. What has several there, by Python, is left out where Python's version is not known.
func pinsOf(system, version string) []imports.Pin {
	lock, err := dependency.Read(templates.FS, "python/requirements.lock")
	if err != nil {
		return nil
	}
	in := requirement.Python(version, system)
	out := make([]imports.Pin, 0, len(lock.Entries))
	for _, e := range lock.Entries {
		if s, exact := e.Set.Exact(); exact && e.Wanted(in) == requirement.Yes {
			out = append(out, imports.Pin{Name: e.Known, Version: s.Text})
		}
	}
	return out
}
