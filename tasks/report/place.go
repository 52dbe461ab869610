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
	out, times := make([]string, len(list)), map[string]int{}
	for i, f := range list {
		said := strings.Join([]string{f.Code, f.Position.File, f.Position.Key, f.Subject, f.Message}, "\x00")
		times[said]++
		hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", said, times[said]))
		out[i] = hex.EncodeToString(hash[:16])
	}
	return out
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
