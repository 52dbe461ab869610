package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// What a template may take, beside its steps (effort.go). The manifest of ten thousand flows takes 30 MB and two seconds.
const (
	longestOutput = 64 << 20
	longestTime   = 8 * time.Second
)

// bounded collects what is written, up to a size and a time. A template that takes longer, as none does that is stopped by its steps before,
// is left behind, and ends with the command.
func bounded(patience time.Duration, write func(io.Writer) error) ([]byte, error) {
	out := &limited{most: longestOutput}
	done := make(chan error, 1)
	go func() { done <- write(out) }()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		if out.full {
			return nil, fmt.Errorf("it writes more than %d MiB", longestOutput>>20)
		}
		return out.text.Bytes(), err
	case <-timer.C:
		return nil, fmt.Errorf("it takes longer than %v", patience)
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
