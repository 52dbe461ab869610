package flow

import (
	"bytes"
	"strings"
)

// What cookiecutter, copier and Jinja make Python files of is none yet, and a notebook is none at all.
const (
	inTemplate = "part of a template: it is no code before it is filled in"
	isNotebook = "a notebook: Prefect loads flows from Python files"
)

// template tells whether the name of a folder is to be filled in, such as {{cookiecutter.project_slug}}. That of a file may have braces of its own.
func template(name string, folder bool) bool {
	if !folder {
		return strings.Contains(name, "{{cookiecutter.") || strings.Contains(name, "{{ cookiecutter.")
	}
	return strings.Contains(name, "{{") && strings.Contains(name, "}}") || strings.Contains(name, "{%") && strings.Contains(name, "%}")
}

// templated tells whether a text that is no Python has lines of Jinja's, or a value of cookiecutter's.
func templated(text []byte) bool {
	if bytes.Contains(text, []byte("{{ cookiecutter.")) || bytes.Contains(text, []byte("{{cookiecutter.")) {
		return true
	}
	if !bytes.Contains(text, []byte("%}")) {
		return false
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("{%")) {
			return true
		}
	}
	return false
}
