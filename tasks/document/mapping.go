package document

import "go.yaml.in/yaml/v3"

// Entry is one key of a mapping with its value.
type Entry struct {
	Name  string
	Key   *yaml.Node // where it is written, were it by an alias
	Value *yaml.Node // never an alias
}

// Fault is a way in which the keys of a mapping can be no use.
type Fault int

// What can be wrong. PyYAML refuses the last two as well; the first it takes, and the later of two keys wins without a word.
const (
	Repeated  Fault = iota // the key stands there already
	NoText                 // the key is a mapping, a list or nothing
	NoMapping              // << takes mappings
)

// Flaw is something wrong with a key. Whoever reads the mapping puts it into words, as only he knows what the keys are for.
type Flaw struct {
	Fault
	At   *yaml.Node // as it is written; see [Target]
	Name string     // of one that is repeated
	Line int        // where that stands first
}

// Entries gives a mapping's keys in order. Merge keys (<<) add what the mapping itself does not set; of several sources the first wins. plain
// gives the name by which keys are told apart, nil for their own; wrong is told what is left out.
func Entries(n *yaml.Node, plain func(name string) string, wrong func(Flaw)) []Entry {
	if plain == nil {
		plain = func(name string) string { return name }
	}
	return mapping{plain, wrong}.entries(Target(n))
}

// mapping reads the keys of mappings.
type mapping struct {
	plain func(name string) string
	wrong func(Flaw)
}

func (m mapping) entries(n *yaml.Node) []Entry {
	out, lines := make([]Entry, 0, len(n.Content)/2), make(map[string]int, len(n.Content)/2)
	var merged []Entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		written, value := n.Content[i], n.Content[i+1]
		key := Target(written)
		switch line, repeated := lines[m.plain(key.Value)]; {
		case key.Tag == merge:
			merged = append(merged, m.merged(value)...)
		case key.Kind != yaml.ScalarNode || key.Tag == Null:
			m.wrong(Flaw{Fault: NoText, At: written})
		case repeated:
			m.wrong(Flaw{Repeated, written, key.Value, line})
		default:
			lines[m.plain(key.Value)] = written.Line
			out = append(out, Entry{key.Value, written, Target(value)})
		}
	}
	for _, e := range merged {
		if _, set := lines[m.plain(e.Name)]; !set {
			lines[m.plain(e.Name)] = e.Key.Line
			out = append(out, e)
		}
	}
	return out
}

// merge is the tag of a merge key.
const merge = "!!merge"

// merged gives what a merge key adds: the keys of one mapping, or of a list of them.
func (m mapping) merged(value *yaml.Node) []Entry {
	sources := []*yaml.Node{value}
	if list := Target(value); list.Kind == yaml.SequenceNode {
		sources = list.Content
	}
	var out []Entry
	for _, source := range sources {
		if n := Target(source); n.Kind == yaml.MappingNode {
			out = append(out, m.entries(n)...)
		} else {
			m.wrong(Flaw{Fault: NoMapping, At: source})
		}
	}
	return out
}
