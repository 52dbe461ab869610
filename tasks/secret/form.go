package secret

import (
	"iter"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// rule is a form by which a token is known. The rules of rules.go are those of gitleaks.
type rule struct {
	id       string
	keywords []string // in lower case; without any of them in a text the expression is not tried
	form     *pattern.Pattern
}

// own are forms beside those of gitleaks: private keys that are cut off or shown with their first line alone, and tokens that gitleaks
// takes for none because they are short or lack variety, which is no reason to show them.
var own = []rule{ //nolint:gochecknoglobals // a constant table
	{"private-key-begin", []string{"private key"}, pattern.New(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)},
	{"putty-key", []string{"putty-user-key-file"}, pattern.New(`PuTTY-User-Key-File-\d`)},
	{"aws", []string{"akia", "asia"}, pattern.New(`\b(AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"github", []string{"gho_", "ghp_", "ghs_", "ghu_", "ghr_"}, pattern.New(`\bgh[opsur]_[A-Za-z0-9]{36}`)},
	{"github-fine-grained", []string{"github_pat_"}, pattern.New(`\bgithub_pat_[A-Za-z0-9_]{22}`)},
	{"gitlab", []string{"glpat-"}, pattern.New(`\bglpat-[A-Za-z0-9_-]{20}`)},
	{"slack", []string{"xox"}, pattern.New(`\bxox[abeoprs]-[A-Za-z0-9-]{10}`)},
	{"prefect", []string{"pnu_", "pnb_"}, pattern.New(`\bpn[ub]_[A-Za-z0-9]{36}`)},
	{"stripe", []string{"sk_live_", "rk_live_", "whsec_"}, pattern.New(`\b(?:[rs]k_live|whsec)_[A-Za-z0-9]{16}`)},
	{"openai", []string{"sk-"}, pattern.New(`\bsk-(?:proj-|svcacct-|admin-|ant-\w+-|or-v1-)?[A-Za-z0-9_-]{40}`)},
	{"jwt", []string{"eyj"}, pattern.New(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.`)},
	{"google", []string{"aiza"}, pattern.New(`\bAIza[0-9A-Za-z_-]{35}`)},
	{"google-oauth", []string{"gocspx-", "ya29."}, pattern.New(`\b(?:GOCSPX-[0-9A-Za-z_-]{28}|ya29\.[0-9A-Za-z_-]{20})`)},
	{"dockerhub", []string{"dckr_pat_", "dckr_oat_"}, pattern.New(`\bdckr_[po]at_[A-Za-z0-9_-]{27}`)},
	{"azure-storage", []string{"accountkey=", "sharedaccesskey="}, pattern.New(`(?i)\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{32,}`)},
}

// shortestForm is the length of the shortest text that a form fits.
const shortestForm = 15

// formed tells whether a text holds a token or private key, by its form.
func formed(s string) bool {
	for form := range forms(s) {
		if form.MatchString(s) {
			return true
		}
	}
	return false
}

// Inside hides what is secret in a text and leaves the rest of it: in addresses and connection strings, and tokens by their form.
func Inside(s string) string {
	s = pairs(URL(s), byName)
	for form := range forms(s) {
		s = form.ReplaceAllString(s, Mask)
	}
	return s
}

// forms gives the forms that a text may have, by the keywords in it.
func forms(s string) iter.Seq[*pattern.Pattern] {
	return func(yield func(*pattern.Pattern) bool) {
		if len(s) < shortestForm {
			return
		}
		low := strings.ToLower(s)
		within := func(keyword string) bool { return strings.Contains(low, keyword) }
		for _, rules := range [2][]rule{own, gitleaks} {
			for _, r := range rules {
				if slices.ContainsFunc(r.keywords, within) && !yield(r.form) {
					return
				}
			}
		}
	}
}
