package render

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"reflect"
	"slices"
	"strings"
	"text/template"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Folder is where a repository keeps templates of its own.
const Folder = "templates"

// Execute fills in a template. A file of that name in the folder templates of own, the user's repository, is taken instead of the
// built-in one, file by file. What is wrong with a template is a *fault.Error with its file and line; a name that the template may not
// use is told with the near ones. Values are written with the function `yaml`, so that they are read back as they are.
func Execute(own, builtIn fs.FS, name string, dot any) ([]byte, error) {
	return execute(own, builtIn, name, dot, limits{longestWork, longestOutput, longestTime})
}

func execute(own, builtIn fs.FS, name string, dot any, most limits) ([]byte, error) {
	text, at, err := read(own, builtIn, name)
	if err != nil {
		return nil, err
	}
	if builtInAt(name) == at { // it is as long as there are deployments
		most = limits{math.MaxInt, 4 * most.output, math.MaxInt64}
	}
	left := &effort{most: most.steps}
	t, err := template.New(name).Option("missingkey=error").Funcs(functions(left)).Parse(string(text))
	if err == nil {
		err = count(t)
	}
	if err != nil {
		return nil, templateFault(at, dot, err)
	}
	out, err := bounded(most, func(w io.Writer) error {
		err := t.Execute(w, dot)
		return cmp.Or(left.over(), err)
	})
	if err != nil {
		return nil, templateFault(at, dot, err)
	}
	return out, nil
}

// read gives a template's text and where it stands.
func read(own, builtIn fs.FS, name string) (text []byte, at string, err error) {
	at = Folder + "/" + name
	text, err = tree.Read(own, at, tree.Text)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if text, err = fs.ReadFile(builtIn, name); err != nil {
			return nil, "", fmt.Errorf("the built-in template: %w", err)
		}
		return text, builtInAt(name), nil
	case err != nil:
		return nil, "", &fault.Error{Code: fault.Findings, What: "the template can't be read", Where: at, Err: tree.Reason(err), Next: tree.Next(err, "make it a file that you may read")}
	}
	return text, at, nil
}

// builtInAt is how a template is named that a repository has no own one of.
func builtInAt(name string) string { return "built-in " + Folder + "/" + name }

// Replaced tells whether a template of the user's own, with another text, stands in for the built-in one.
func Replaced(own, builtIn fs.FS, name string) (bool, error) {
	text, _, err := read(own, builtIn, name)
	if err != nil {
		return false, err
	}
	shipped, err := fs.ReadFile(builtIn, name)
	return err == nil && !bytes.Equal(text, shipped), err
}

func functions(left *effort) template.FuncMap {
	return template.FuncMap{
		counter: left.take,
		"print": costly(left, small(fmt.Sprint)), "println": costly(left, small(fmt.Sprintln)), "html": costly(left, small(template.HTMLEscaper)),
		"js": costly(left, small(template.JSEscaper)), "urlquery": costly(left, small(template.URLQueryEscaper)), "printf": func(format string, args ...any) (string, error) { return left.made(formatted(format, args...)) },
		"yaml": func(v any) (string, error) { return left.made(inline(v)) }, "compose": composed, "argument": argument, "unit": unit, "shell": shell,
	}
}

// The parts of text/template's error texts.
var (
	place        = pattern.New(`^template: [^:]+:(\d+)(?::\d+)?: (.*)$`)
	unknownField = pattern.New(`can't evaluate field (\w+) in type|map has no entry for key "([^"]+)"`)
	unknownFunc  = pattern.New(`function "(\w+)" not defined`)
)

func templateFault(at string, dot any, err error) error {
	f := &fault.Error{Code: fault.Findings, What: "the template can't be used", Where: at, Why: err.Error(), Err: err}
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		f.Where, f.Why = at+":"+m[1], m[2]
	}
	known, fields := namesOf(reflect.TypeOf(dot))
	f.Next = "correct it, or remove your copy to use the built-in one. Known names: " + strings.Join(known, " ")
	if m := unknownField.FindStringSubmatch(f.Why); m != nil {
		word := cmp.Or(m[1], m[2])
		f.What = fmt.Sprintf("the template has an unknown variable %q", word)
		if near := finding.Nearest(word, fields); near != "" {
			f.Next = fmt.Sprintf("did you mean .%s? %s", near, f.Next)
		}
	}
	if m := unknownFunc.FindStringSubmatch(f.Why); m != nil {
		f.Next = "functions are those of Go's text/template, and yaml. " + f.Next
	}
	return f
}

// namesOf gives what a template may say of the values in dot: as it is written, such as .Deployments[].Pool.Name, and the last words alone.
func namesOf(t reflect.Type) (paths, words []string) {
	walk(t, "", func(path, word string) {
		paths, words = append(paths, path), append(words, word)
	})
	slices.Sort(words)
	return paths, slices.Compact(words)
}

func walk(t reflect.Type, path string, found func(path, word string)) {
	switch t.Kind() {
	case reflect.Pointer:
		walk(t.Elem(), path, found)
	case reflect.Slice:
		walk(t.Elem(), path+"[]", found)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				continue
			}
			if f.Type.Kind() != reflect.Struct {
				found(path+"."+f.Name, f.Name)
			}
			inner := path + "." + f.Name
			if f.Anonymous { // a template names its fields without it
				inner = path
			}
			walk(f.Type, inner, found)
		}
	default:
	}
}
