package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/setting"
)

// The tags of YAML that the YAML library resolves plain values to.
const (
	textTag  = "!!str"
	wholeTag = "!!int"
	floatTag = "!!float"
	boolTag  = "!!bool"
	dateTag  = "!!timestamp"
)

const wrongType = "type-wrong"

// builtin tells whether a node has no tag of its own making.
func builtin(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.MappingNode:
		return n.Tag == "!!map"
	case yaml.SequenceNode:
		return n.Tag == "!!seq"
	default:
		return slices.Contains([]string{document.Null, textTag, wholeTag, floatTag, boolTag, dateTag}, n.Tag)
	}
}

func (r *reader) scalar(n *yaml.Node, s setting.Spec, path []string) (any, bool) {
	if n.Kind == yaml.ScalarNode && slices.Contains(tagsOf(s.Form), n.Tag) {
		if v, err := bareValue(n); err == nil {
			return v, true
		}
	}
	p := setting.Problem{Code: wrongType, Fix: write(s)}
	expected := map[setting.Form]string{
		setting.Text: "text", setting.Whole: "a whole number", setting.Truth: "true or false", setting.Interval: "seconds or text such as PT1H",
	}[s.Form]
	p.Message = fmt.Sprintf("%s must be %s, this is %s", setting.Show(path), expected, describe(n, path))
	if s.Form == setting.Text && n.Kind == yaml.ScalarNode {
		p.Fix = "quote it: " + quoted(n, path)
	}
	r.report(n, path, p)
	return nil, false
}

// tagsOf gives what may stand at a setting. A date without quotes is text as written: no setting is a date of YAML's kind.
func tagsOf(f setting.Form) []string {
	switch f {
	case setting.Text:
		return []string{textTag, dateTag}
	case setting.Whole:
		return []string{wholeTag}
	case setting.Truth:
		return []string{boolTag}
	case setting.Interval:
		return []string{textTag, wholeTag, floatTag}
	default:
		return nil
	}
}

// bareValue gives a scalar as string, bool, int or float64. Whole numbers too large for an int are an error.
func bareValue(n *yaml.Node) (any, error) {
	switch n.Tag {
	case boolTag:
		var b bool
		err := n.Decode(&b)
		return b, err
	case wholeTag:
		var i int
		err := n.Decode(&i)
		return i, err
	case floatTag:
		var f float64
		err := n.Decode(&f)
		return f, err
	default:
		return n.Value, nil
	}
}

// quoted shows how a value is written as text.
func quoted(n *yaml.Node, path []string) string {
	value := strconv.Quote(n.Value)
	if secret.Named(path) {
		value = `"…"`
	}
	if last := path[len(path)-1]; !setting.IsIndex(last) {
		return last + ": " + value
	}
	return value
}

// describe tells what stands in the file, for "must be …, this is …".
func describe(n *yaml.Node, path []string) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == document.Null:
		return "empty"
	}
	noun := map[string]string{
		wholeTag: "the number", floatTag: "the number", boolTag: "the truth value", dateTag: "the date",
	}[n.Tag]
	if noun == "" {
		noun = "the text"
	}
	if secret.Named(path) {
		return noun + " " + secret.Mask
	}
	if noun == "the text" {
		return noun + " " + strconv.Quote(setting.Shorten(n.Value))
	}
	return noun + " " + setting.Shorten(n.Value)
}

// free gives a value as encoding/json would decode it, but whole numbers as int, or as json.Number where an int can't hold them. Dates stay
// text, as JSON has none.
func (r *reader) free(n *yaml.Node, path []string) (any, bool) {
	if n.Kind == yaml.MappingNode {
		return r.named(n, setting.Spec{Form: setting.Named, Each: &setting.Spec{Form: setting.Free}}, path)
	}
	if n.Kind == yaml.SequenceNode {
		return r.freeList(n, path)
	}
	r.traps(n, path)
	v, err := document.Plain(n)
	switch {
	case errors.Is(err, document.ErrNoJSON):
		r.report(n, path, setting.Problem{
			Code: wrongType, Message: fmt.Sprintf("%s is %s, which a run's parameters can't carry", setting.Show(path), setting.Shorten(n.Value)), Fix: "write a number, or quote it",
		})
	case err != nil:
		r.report(n, path, setting.Problem{Code: wrongType, Message: fmt.Sprintf("%s: %v", setting.Show(path), err), Fix: "quote it"})
	}
	return v, err == nil
}

func (r *reader) freeList(n *yaml.Node, path []string) (any, bool) {
	out := make([]any, 0, len(n.Content))
	for _, c := range n.Content {
		at := setting.Below(path, setting.Index(len(out)))
		if v, ok := r.value(c, setting.Spec{Form: setting.Free}, at); ok {
			out = append(out, v)
			r.origins.set(at, r.at(c, at))
		}
	}
	return out, true
}

// traps warns of plain values that YAML reads differently than they look.
func (r *reader) traps(n *yaml.Node, path []string) {
	if n.Style != 0 {
		return
	}
	digits := strings.TrimLeft(n.Value, "+-")
	switch {
	case n.Tag == textTag && slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(n.Value)):
		r.report(n, path, setting.Problem{
			Code: "yaml-trap", Warning: true, Message: fmt.Sprintf("%s is the text %q, not a truth value", setting.Show(path), n.Value),
			Fix: "write true or false, or quote it",
		})
	case n.Tag == wholeTag && len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9':
		var v any
		if n.Decode(&v) != nil || secret.Named(path) {
			v = "another number"
		}
		r.report(n, path, setting.Problem{
			Code: "yaml-trap", Warning: true, Message: fmt.Sprintf("%s is read as %v because of its leading zero", setting.Show(path), v),
			Fix: "remove the zero, or quote it",
		})
	}
}
