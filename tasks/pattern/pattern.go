// Package pattern holds regular expressions that are compiled when they are first used. A command uses a few of the hundred that the program knows;
// compiling all of them would take longer than many commands.
//
// Start with [New], which stands where regexp.MustCompile would. The methods are those of [regexp.Regexp].
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression.
type Pattern struct {
	expr     string
	compiled func() *regexp.Regexp
}

// New gives a pattern. One that is no regular expression panics at its first use, so tests use each.
func New(expr string) *Pattern {
	return &Pattern{expr, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
}

// String gives the expression.
func (p *Pattern) String() string { return p.expr }

// MatchString is that of [regexp.Regexp], as are all that follow.
func (p *Pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }

// FindString gives the first match.
func (p *Pattern) FindString(s string) string { return p.compiled().FindString(s) }

// FindStringSubmatch gives the first match with its groups.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compiled().FindStringSubmatch(s) }

// FindStringSubmatchIndex gives where they stand.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.compiled().FindStringSubmatchIndex(s)
}

// FindSubmatch is FindStringSubmatch of bytes.
func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.compiled().FindSubmatch(b) }

// FindAllString gives the first n matches, all for -1.
func (p *Pattern) FindAllString(s string, n int) []string { return p.compiled().FindAllString(s, n) }

// FindAllStringIndex gives where they stand.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.compiled().FindAllStringIndex(s, n)
}

// FindAllStringSubmatch gives the first n matches with their groups.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compiled().FindAllStringSubmatch(s, n)
}

// ReplaceAllString puts another text in the place of each match.
func (p *Pattern) ReplaceAllString(s, with string) string {
	return p.compiled().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc puts what the function makes of it in the place of each match.
func (p *Pattern) ReplaceAllStringFunc(s string, with func(string) string) string {
	return p.compiled().ReplaceAllStringFunc(s, with)
}
