package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// nasty are texts that do something somewhere, each with what a terminal is given for it.
var nasty = map[string]string{
	"\x1b[2J":                          `\x1b[2J`,
	"\x1b[31mred\x1b[0m":               "red",
	"\x1b[38;5;1mred\x1b[m":            "red",
	"\x1b[8mhidden":                    "hidden",
	"\x1b[Kline":                       "line",
	"\x1b]8;;http://x\x07link\x1b]8;;": `\x1b]8;;http://x\x07link\x1b]8;;`,
	"\x1b]0;title\x07":                 `\x1b]0;title\x07`,
	"\x1b]52;c;ZXZpbA==\x07":           `\x1b]52;c;ZXZpbA==\x07`,
	"\x1b":                             `\x1b`,
	"\x1b[":                            `\x1b[`,
	"\x1b[99999999999999999999999999999999999999999m": `\x1b[99999999999999999999999999999999999999999m`,
	"\x1bP$qm\x1b\\":                   `\x1bP$qm\x1b\`,
	"\u009b2J":                         `\u009b2J`,
	"\x9b2J":                           `\x9b2J`,
	"a\rb":                             `a\rb`,
	"a\r":                              `a\r`,
	"a\r\nb":                           "a\nb",
	"a\bb\x7f":                         `a\x08b\x7f`,
	"\x00\x07":                         `\x00\x07`,
	"user\u202etxt.exe":                `user\u202etxt.exe`,
	"\u2066a\u2069":                    `\u2066a\u2069`,
	"pass\u200bword\ufeff\u2060\u00ad": `pass\u200bword\ufeff\u2060\u00ad`,
	"a\u2028b\u0085c":                  `a\u2028b\u0085c`,
	"\U000e0041tag":                    `\U000e0041tag`,
	"\u3164\u115f\u034f":               `\u3164\u115f\u034f`,
	"\xff\xfe":                         `\xff\xfe`,
	"\xe2\x80":                         `\xe2\x80`,
	"::error file=a::b":                `:\:error file=a::b`,
	"  ::add-mask::x":                  `  :\:add-mask::x`,
	"\t::set-output name=a::b":         "\t:" + `\:set-output name=a::b`,
	"\u3000::stop-commands::x":         "\u3000:" + `\:stop-commands::x`,
	":\x1b[0m:error::x":                `:\:error::x`,
	"a\n::error::b":                    "a\n:" + `\:error::b`,
	"##[error]x":                       `##\[error]x`,
	"a ##[group]x":                     `a ##\[group]x`,
	"##vso[task.setvariable]x":         `##vso\[task.setvariable]x`,
	"##teamcity[blockOpened]":          `##teamcity\[blockOpened]`,
	"###vso[x]":                        `###vso\[x]`,
	"section_start:1:x\r\x1b[0Khead":   `section_start\:1:x\rhead`,
	"section_end:1:x":                  `section_end\:1:x`,
	"\ufffe\ufdd0":                     `\ufffe\ufdd0`,
	"a\u2029b":                         `a\u2029b`,
	"\U000e0100":                       `\U000e0100`,
	"é::error::x":                      "é::error::x",
	"##é[x]":                           "##é[x]",
	"naïve 日本 🧙 e\u0301 \u0600":        "naïve 日本 🧙 e\u0301 \u0600",
	"https://example.com/[a] # b: c":   "https://example.com/[a] # b: c",
	"dict[str, int] :: x":              "dict[str, int] :: x",
}

func TestInertOnATerminal(t *testing.T) {
	t.Parallel()
	for text, want := range nasty {
		if diff := cmp.Diff(want, console.Inert(text, console.Terminal)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// commands are what CI systems look for in a line.
var commands = regexp.MustCompile(`(?m)^\s*::|##\w*\[|section_(start|end):`)

// harmless tells what in an output would do something, "" for nothing.
func harmless(text string) string {
	for i, r := range text {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f {
			return fmt.Sprintf("%U at %d", r, i)
		}
	}
	if !utf8.ValidString(text) {
		return "no UTF-8"
	}
	return commands.FindString(text)
}

// Whatever a program writes, in whatever pieces, is harmless.
func TestPiecesAreInert(t *testing.T) {
	t.Parallel()
	for text := range nasty {
		for size := 1; size <= len(text); size++ {
			var out, story bytes.Buffer
			c := console.New(&out, &story)
			for at := 0; at < len(text); at += size {
				fmt.Fprint(c.Err(), text[at:min(at+size, len(text))])
			}
			fmt.Fprint(c.Err(), "\n")
			if found := harmless(story.String()); found != "" {
				t.Errorf("%q in pieces of %d: %s in %q", text, size, found, story.String())
			}
			if want := nasty[text] + "\n"; story.String() != want && !strings.HasSuffix(text, "\r") {
				t.Errorf("%q in pieces of %d: %q, want %q", text, size, story.String(), want)
			}
		}
	}
}

func TestInertInEachPlace(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`[\\` + "`" + `*\[\]<>!|~@]|://|www\.`)
	for text := range nasty {
		text += "\n[a](javascript:x) ![i](http://x) <img src=x onerror=y> @all `c` | d | www.example.com <!-- \"'"
		line := console.Inert(text, console.Line)
		if strings.ContainsAny(line, "\n\t") || harmless(line) != "" {
			t.Errorf("%q", line)
		}
		page := console.Inert(text, console.Markdown)
		if found := link.FindString(page); found != "" || harmless(page) != "" || strings.Contains(page, "\n") {
			t.Errorf("%q in %q", found, page)
		}
		if shown := html.UnescapeString(page); shown != line {
			t.Errorf("Markdown shows %q, want %q", shown, line)
		}
		if text := console.Inert(text, console.HTML); strings.ContainsAny(text, `<>"'`) || harmless(text) != "" {
			t.Errorf("%q", text)
		}
	}
	if got := console.Inert(strings.Repeat("ä", 600), console.Line); got != strings.Repeat("ä", 600) {
		t.Errorf("%d bytes of a name that is not too long", len(got))
	}
	for _, place := range []console.Place{console.Line, -1} {
		if got := console.Inert("a\nb\tc\x1b", place); got != `a\nb\tc\x1b` {
			t.Errorf("place %d: %q", place, got)
		}
	}
	if got := console.Inert(strings.Repeat("ä", 5000), console.Markdown); got != strings.Repeat("ä", 1000)+"…" {
		t.Errorf("%d bytes of a long name in Markdown", len(got))
	}
	if got := console.Inert(strings.Repeat("ä", 5000), console.Line); got != strings.Repeat("ä", 1000)+"…" {
		t.Errorf("%d bytes of a long name", len(got))
	}
}

// What is JSON stays JSON with the same meaning.
func TestInertJSON(t *testing.T) {
	t.Parallel()
	for text := range nasty {
		c, out, _ := streams()
		given := map[string][]string{text: {text, "a##", "[b]"}}
		if err := c.JSON(given); err != nil {
			t.Fatal(err)
		}
		if found := harmless(out.String()); found != "" {
			t.Errorf("%q: %s in %s", text, found, out)
		}
		var got map[string][]string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Errorf("%q: %v in %s", text, err, out)
		}
		valid := strings.ToValidUTF8(text, "\ufffd")
		if utf8.ValidString(text) && !cmp.Equal(got, map[string][]string{valid: {valid, "a##", "[b]"}}) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// Nothing that is put into a sentence or a finding looks like a line of ours.
func TestNoForeignLines(t *testing.T) {
	t.Parallel()
	const name = "x\nok deployed\n::error::y"
	c, out, story := streams()
	c.Say("skipped %s: %v", name, &fault.Error{What: name})
	c.Warn("odd: %s", name)
	c.Fault(&fault.Error{What: name, Where: name, Why: name, Next: name})
	c.Fault(errors.New(name))
	c.Say("%v: %s", errors.New("kept"), name)
	c.Findings(finding.List{{Code: "a", Message: "bad " + name, Position: finding.Position{File: name}, Subject: name, Why: name, Source: name}})
	c.Printf("name  %s\n", name)
	s := c.Begin("making %s", name)
	s.Done("made %s", name)
	for line := range strings.Lines(out.String() + story.String()) {
		if strings.HasPrefix(line, "ok deployed") || strings.HasPrefix(line, ":") {
			t.Errorf("a line of somebody else's: %q", line)
		}
	}
	if !strings.Contains(story.String(), "kept: x\n") {
		t.Error("an error was lost")
	}
	c.Printf("%s\n", "::error::x")
	if strings.Contains(out.String(), "::error::x") {
		t.Error("a result is a command")
	}
	c.Say("%s", "one\ntwo")
	if !strings.HasSuffix(story.String(), "one\ntwo\n") {
		t.Error("a text of ours was changed")
	}
}
