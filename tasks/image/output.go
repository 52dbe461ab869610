package image

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// LastLine gives the last line of what a program has said.
func LastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}

// lastLines gives the end of a text without empty lines.
func lastLines(text string, count int) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-count):], "\n")
}

// stageLine are the lines with which the two builders begin a step of a Dockerfile: `Step 3/9 : RUN …` and `#7 [base 3/9] RUN …`.
var stageLine = pattern.New(`^(?:Step |#\d+ \[(?:\S+ )?)(\d+/\d+)(?: :|\])`)

// Stage gives how far a build has come that writes this line, such as 3/9; false for a line that does not say.
func Stage(line string) (string, bool) {
	if m := stageLine.FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	return "", false
}

// Prefixed writes lines to a stream that several images share, each line with the image's name in front and in one piece.
func Prefixed(out io.Writer, mu *sync.Mutex, name string) io.Writer {
	return &prefixed{out: out, mu: mu, prefix: fmt.Sprintf("%-8s | ", name)}
}

type prefixed struct {
	out    io.Writer
	mu     *sync.Mutex
	prefix string
	rest   string
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest += string(b)
	for {
		line, rest, whole := strings.Cut(p.rest, "\n")
		if !whole {
			return len(b), nil
		}
		p.rest = rest
		if line = strings.TrimRight(line, "\r \t"); line != "" {
			if _, err := fmt.Fprintln(p.out, p.prefix+line); err != nil {
				return 0, err
			}
		}
	}
}
