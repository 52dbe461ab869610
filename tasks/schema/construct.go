package schema

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/python"
)

// calledValue evaluates the constructors of plain values and of the repository's own classes.
func (r *Reader) calledValue(at python.Place, c *python.Call, depth int) (value, error) {
	o, dotted, err := r.follow(scope{Place: at}, c.Func, "it is computed")
	if err != nil {
		return value{}, err
	}
	if o.Class != nil && o.Rest == "" {
		cl, err := r.class(o.File, at.Script, o.Module, o.Class)
		if err != nil {
			return value{}, err
		}
		return r.construct(at, cl, c, depth)
	}
	if o.name == "" {
		return value{}, unknownf("%s(…) is computed", dotted)
	}
	if kind, ok := strings.CutPrefix(o.name, "builtins."); ok && (kind == "list" || kind == "tuple") && len(c.Args) == 1 && len(c.Keywords) == 0 {
		return r.listed(at, kind, c.Args[0], depth)
	}
	args, err := r.all(at, c.Args, depth)
	if err != nil {
		return value{}, err
	}
	keywords := map[string]value{}
	for _, k := range c.Keywords {
		if k.Name == "" {
			return value{}, unknownf("%s(…) is computed", dotted)
		}
		v, err := r.value(at, k.Value, depth+1)
		if err != nil {
			return value{}, err
		}
		keywords[k.Name] = v
	}
	return r.made(o.name, dotted, args, keywords)
}

// listed gives what list(…) or tuple(…) makes of a list, a tuple, or a range.
func (r *Reader) listed(at python.Place, kind string, of python.Node, depth int) (value, error) {
	if name, call := r.callee(at, of); name == "builtins.range" {
		return r.counted(at, kind, call, depth)
	}
	v, err := r.value(at, of, depth+1)
	if err != nil {
		return value{}, err
	}
	if v.kind != "list" && v.kind != "tuple" {
		return value{}, unknownf("%s(…) is computed", kind)
	}
	v.kind = kind
	return v, nil
}

// longest is how many numbers of a range are written out; a longer default helps nobody.
const longest = 1000

// counted writes out a range.
func (r *Reader) counted(at python.Place, kind string, c *python.Call, depth int) (value, error) {
	args, err := r.all(at, c.Args, depth)
	if err != nil {
		return value{}, err
	}
	bounds := make([]int64, 0, 3)
	for _, a := range args {
		n, ok := a.json.(int64)
		if !ok || a.kind != "int" || n < -math.MaxInt32 || n > math.MaxInt32 {
			return value{}, unknownf("range(…) is computed")
		}
		bounds = append(bounds, n)
	}
	from, to, step := int64(0), int64(0), int64(1)
	switch len(bounds) {
	case 1:
		to = bounds[0]
	case 2:
		from, to = bounds[0], bounds[1]
	case 3:
		from, to, step = bounds[0], bounds[1], bounds[2]
	}
	if len(bounds) == 0 || len(bounds) > 3 || len(c.Keywords) > 0 || step == 0 || (to-from)/step > longest {
		return value{}, unknownf("range(…) is computed")
	}
	var items []value
	for n := from; step > 0 && n < to || step < 0 && n > to; n += step {
		items = append(items, numberValue(n))
	}
	return listValue(kind, items), nil
}

// made gives what a constructor of Python's library or pydantic makes.
func (*Reader) made(name, dotted string, args []value, keywords map[string]value) (value, error) {
	text, isText := "", false
	if len(args) == 1 && len(keywords) == 0 && args[0].kind == "str" {
		text, isText = args[0].json.(string)
	}
	if word, ok := strings.CutPrefix(name, "builtins."); ok {
		return called(word, args, keywords)
	}
	switch name {
	case "re.compile":
		if isText {
			return value{json: text, kind: "re.Pattern"}, nil
		}
	case "datetime.datetime", "datetime.date", "datetime.time":
		return moment(name, args, keywords)
	case "datetime.timedelta":
		return duration(args, keywords)
	case "datetime.timezone":
		if len(args) == 1 && args[0].kind == "datetime.timedelta" && len(keywords) == 0 {
			return value{kind: name, json: args[0].items[0].json.(int64) / 1e6, opaque: true}, nil //nolint:forcetypeassert // duration has it so
		}
	case "pathlib.Path":
		if len(keywords) == 0 {
			return pathOf(args)
		}
	case "decimal.Decimal":
		if len(args) == 1 && len(keywords) == 0 {
			return decimalValue(args[0])
		}
	case "uuid.UUID":
		if hex := strings.ToLower(strings.NewReplacer("-", "", "{", "", "}", "", "urn:", "", "uuid:", "").Replace(text)); isText && uuidText.MatchString(hex) {
			return value{json: hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:], kind: name}, nil
		}
	case "pydantic.SecretStr":
		if isText {
			if text == "" {
				return value{json: "", kind: name}, nil
			}
			return value{json: "**********", kind: name}, nil
		}
	}
	return value{}, unknownf("%s(…) is computed", dotted)
}

// called gives what a builtin makes.
func called(name string, args []value, keywords map[string]value) (value, error) {
	if len(args) == 0 && len(keywords) == 0 {
		return emptyOf(name)
	}
	switch {
	case name == "frozenset" && len(args) == 1 && len(keywords) == 0 && args[0].kind == "set":
		v := args[0]
		v.kind = name
		return v, nil
	case name == "float" && len(args) == 1 && len(keywords) == 0 && args[0].kind == "str":
		text, _ := args[0].json.(string)
		if word := strings.ToLower(strings.TrimLeft(strings.TrimSpace(text), "+-")); word == "inf" || word == "nan" || word == "infinity" {
			return value{kind: name}, nil
		}
	case name == "dict" && len(args) == 0:
		v := value{kind: name}
		m := map[string]any{}
		for k, x := range keywords {
			m[k] = x.json
			v.keys, v.items, v.opaque = append(v.keys, textValue(k)), append(v.items, x), v.opaque || x.opaque
		}
		v.json = m
		return v, nil
	}
	return value{}, unknownf("%s(…) is computed", name)
}

func pathOf(args []value) (value, error) {
	parts := make([]string, 0, len(args))
	for _, a := range args {
		s, ok := a.json.(string)
		if !ok || a.kind != "str" && a.kind != "pathlib.Path" {
			return value{}, unknownf("a Path of that")
		}
		parts = append(parts, s)
	}
	return pathValue(parts)
}

var (
	uuidText    = pattern.New(`^[0-9a-f]{32}$`)
	plainNumber = pattern.New(`^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,5})?$`)
)

func decimalValue(v value) (value, error) {
	switch x := v.json.(type) {
	case string:
		if v.kind == "str" && plainNumber.MatchString(x) {
			return value{json: x, kind: "decimal.Decimal"}, nil
		}
	case int64:
		if v.kind == "int" {
			return value{json: strconv.FormatInt(x, 10), kind: "decimal.Decimal"}, nil
		}
	}
	return value{}, unknownf("a Decimal of that")
}

func pathValue(parts []string) (value, error) {
	out := ""
	for _, p := range parts {
		if strings.HasPrefix(p, "/") {
			out = p
			continue
		}
		out += "/" + p
	}
	if slices.Contains(strings.Split(out, "/"), "..") {
		return value{}, unknownf("a path with ..")
	}
	if strings.HasPrefix(out, "//") && !strings.HasPrefix(parts[0], "//") {
		out = out[1:]
	}
	absolute := slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, "/") })
	if strings.HasPrefix(out, "//") {
		return value{}, unknownf("a path with two slashes first")
	}
	clean := path.Clean("/" + out)
	if !absolute {
		clean = strings.TrimPrefix(clean, "/")
	}
	return value{json: cmp.Or(clean, "."), kind: "pathlib.Path"}, nil
}

func emptyOf(kind string) (value, error) {
	json, ok := map[string]any{
		"list": []any{}, "tuple": []any{}, "set": []any{}, "frozenset": []any{}, "dict": map[string]any{}, "str": "", "int": int64(0), "bool": false,
		"float": 0.0, "object": nil,
	}[kind]
	if !ok {
		return value{}, unknownf("%s() is computed", kind)
	}
	return value{json: json, kind: kind, opaque: kind == "object"}, nil
}
