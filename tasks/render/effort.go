package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
)

// longestWork is how many steps a template may take: the manifest of ten thousand flows takes less than half of it, and a loop that says nothing is
// through with it in a second.
const longestWork = 10_000_000

// counter is the function by which templates count their steps. Who calls it has the fewer left.
const counter = "flowmage_step"

var errBusy = errors.New("too much work")

// effort is what a template may still do. A step is a part of a template that is executed, or 64 bytes of a text that a function makes.
type effort struct{ most, done int }

func (e *effort) take(n int) (string, error) {
	if e.done += max(n, 1); e.done > e.most {
		return "", errBusy
	}
	return "", nil
}

// over gives the error of a template that has done too much.
func (e *effort) over() error {
	if e.done <= e.most {
		return nil
	}
	return fmt.Errorf("it takes more than %d steps", e.most)
}

// made counts a text that a function has made.
func (e *effort) made(text string, err error) (string, error) {
	if err == nil {
		_, err = e.take(len(text) / 64)
	}
	return text, err
}

// costly has the texts counted that a function makes.
func costly(e *effort, function func(args ...any) (string, error)) func(args ...any) (string, error) {
	return func(args ...any) (string, error) { return e.made(function(args...)) }
}

// count has a template count its steps, with those that it calls: in front of all that can be done more than once stands how much it is.
func count(t *template.Template) error {
	for _, x := range t.Templates() {
		if x.Tree == nil || x.Root == nil {
			continue
		}
		if err := counting(x.Root); err != nil {
			return err
		}
	}
	return nil
}

// counting puts a call of the counter in front of a list, and of those of loops in it.
func counting(list *parse.ListNode) error {
	weight, err := weigh(list)
	if err != nil {
		return err
	}
	weight += 4 // the call itself
	trees, err := parse.Parse(counter, "{{ "+counter+" "+strconv.Itoa(weight)+" }}", "", "", map[string]any{counter: true})
	if err != nil {
		return err
	}
	list.Nodes = append([]parse.Node{trees[counter].Root.Nodes[0]}, list.Nodes...)
	return nil
}

// weigh counts the parts of a list that are executed once when it is. Loops in it count by themselves.
func weigh(list *parse.ListNode) (int, error) {
	if list == nil {
		return 0, nil
	}
	total := 1
	for _, n := range list.Nodes {
		var lists []*parse.ListNode
		switch x := n.(type) {
		case *parse.ActionNode:
			total += countWords(x.Pipe)
		case *parse.TemplateNode:
			total += countWords(x.Pipe)
		case *parse.IfNode:
			total += countWords(x.Pipe)
			lists = []*parse.ListNode{x.List, x.ElseList}
		case *parse.WithNode:
			total += countWords(x.Pipe)
			lists = []*parse.ListNode{x.List, x.ElseList}
		case *parse.RangeNode:
			total += countWords(x.Pipe)
			lists = []*parse.ListNode{x.ElseList}
			if err := counting(x.List); err != nil {
				return 0, err
			}
		}
		total++
		for _, inner := range lists {
			weight, err := weigh(inner)
			if err != nil {
				return 0, err
			}
			total += weight
		}
	}
	return total, nil
}

// countWords counts the words of a pipeline.
func countWords(p *parse.PipeNode) int {
	if p == nil {
		return 0
	}
	total := 0
	for _, c := range p.Cmds {
		total += len(c.Args)
		for _, arg := range c.Args {
			if inner, ok := arg.(*parse.PipeNode); ok {
				total += countWords(inner)
			}
		}
	}
	return total
}

// What a template may take, beside its steps. The manifest of ten thousand flows takes 30 MB and two seconds.
const (
	longestOutput = 64 << 20
	longestTime   = 8 * time.Second
)

// limits are what a template may take.
type limits struct {
	steps  int
	output int // bytes
	time   time.Duration
}

// bounded collects what is written, up to a size and a time. A template that takes longer, as none does that is stopped by its steps before,
// is left behind, and ends with the command.
func bounded(most limits, write func(io.Writer) error) ([]byte, error) {
	out := &limited{most: most.output}
	done := make(chan error, 1)
	go func() { done <- write(out) }()
	timer := time.NewTimer(most.time)
	defer timer.Stop()
	select {
	case err := <-done:
		if out.full {
			return nil, fmt.Errorf("it writes more than %d MiB", most.output>>20)
		}
		return out.text.Bytes(), err
	case <-timer.C:
		return nil, fmt.Errorf("it takes longer than %v", most.time)
	}
}

// limited takes no more than it must.
type limited struct {
	text bytes.Buffer
	most int
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > l.most {
		l.full = true
		return 0, errors.New("too much")
	}
	return l.text.Write(p)
}

// What a function of a template may make: a text that is put together with itself again and again would soon be larger than any memory.
const (
	longestText = 16 << 20
	mostVerbs   = 64
)

var errLong = fmt.Errorf("it makes a text of more than %d MiB", longestText>>20)

// small keeps one of text/template's own functions to texts of such a size.
func small(function func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		if sizeOf(args) > longestText {
			return "", errLong
		}
		return function(args...), nil
	}
}

// formatted is printf. (fmt bounds the width of a verb at a million.)
func formatted(format string, args ...any) (string, error) {
	if sizeOf(args) > longestText || strings.Count(format, "%") > mostVerbs {
		return "", errLong
	}
	return fmt.Sprintf(format, args...), nil
}

// sizeOf adds up the texts among some values.
func sizeOf(args []any) int {
	n := 0
	for _, a := range args {
		if s, ok := a.(string); ok {
			n += len(s)
		}
	}
	return n
}
