package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// place gives where a finding is for systems that show it beside the code: the file from the top of the repository. What stands in no file stands for them
// in the environment's settings, as they want a file.
func (r Report) place(p finding.Position) (file string, here bool) {
	if p.File == "" || strings.HasPrefix(p.File, "<") {
		return r.Prefix + r.Home, false
	}
	return r.Prefix + strings.TrimPrefix(p.File, "./"), true
}

// prints gives each finding a fingerprint by which a system knows it again when lines have moved. Of two that say the same in one file the second one has
// another.
func prints(list finding.List) []string {
	out, said := make([]string, len(list)), sayings{}
	for i, f := range list {
		out[i] = said.print(f.Code, f.Position.File, f.Position.Key, f.Subject, f.Message)
	}
	return out
}

// sayings count how often the same was said.
type sayings map[string]int

// print gives what stays the same of something as long as it says the same, and is different for what says it again.
func (s sayings) print(words ...string) string {
	said := strings.Join(words, "\x00")
	s[said]++
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", said, s[said]))
	return hex.EncodeToString(hash[:16])
}

// once gives the findings without reasons that stand above already.
func once(list finding.List) finding.List {
	out, above := make(finding.List, len(list)), map[[2]string]bool{}
	for i, f := range list {
		reason := [2]string{f.Code, f.Why}
		if above[reason] {
			f.Why = ""
		}
		above[reason] = true
		out[i] = f
	}
	return out
}
