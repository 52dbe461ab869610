package requirement_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// Whatever the text, reading ends, what is read can be read again and means the same, and no answer contradicts another.
func FuzzRequirement(f *testing.F) {
	for _, s := range []string{
		"requests", "Requests[security, socks] >= 2.8.1, == 2.8.* ; python_version < '2.7' and (extra == \"x\" or os_name in 'nt posix')",
		"pip @ https://example.com/pip.zip#sha1=da39 ; sys_platform != 'win32'", "a (>=1,<2)", "a==1!2.0rc1.post2.dev3+ab.1", "a===foo", "a~=1.0,", "a<1.0.post1",
		"a;python_full_version>'3.11.1'", `a;os_name=='\x41\'`, "a!=0.dev0", "a==9999999999999999999999.*",
	} {
		f.Add(s, "1.0.post1")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		r, err := requirement.Parse(text)
		if err != nil {
			return
		}
		again, ok := requirement.ParseSet(r.Set.String())
		if !ok || again.String() != r.Set.String() {
			t.Errorf("%q: %q is read as %q", text, r.Set, again)
		}
		if r.Set.Takes(version) != again.Takes(version) {
			t.Errorf("%q and %q: only one takes %q", r.Set, again, version)
		}
		if r.Set.Impossible() && r.Set.Takes(version) {
			t.Errorf("%q takes %q and nothing", r.Set, version)
		}
		if v, ok := requirement.ParseVersion(version); ok {
			if w, ok := requirement.ParseVersion(v.String()); !ok || v.Compare(w) != 0 || w.String() != v.String() {
				t.Errorf("%q: %s is read as %s", version, v, w)
			}
		}
		vague, exact := r.Wanted(requirement.Python("3.12", "")), r.Wanted(requirement.Python("3.12.4", "linux"))
		if vague != requirement.Unknown && vague != exact {
			t.Errorf("%q: %v for any 3.12, %v for 3.12.4 on linux", text, vague, exact)
		}
	})
}
