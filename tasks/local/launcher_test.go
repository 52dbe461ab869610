package local

import "testing"

func TestLabel(t *testing.T) {
	t.Parallel()
	l := New(Options{Root: t.TempDir()})
	command := append([]string{"/env/bin/python"}, l.prefectArgs(workerName("a b/c"), "worker", "start")...)
	if got := l.label(command); got != "worker-a+b%2Fc" || title(got) != "worker for pool a b/c" {
		t.Errorf("label %q, title %q", got, title(got))
	}
	if got := New(Options{Root: t.TempDir()}).label(command); got != "" {
		t.Errorf("another repository takes it for its %q", got)
	}
	for _, other := range [][]string{nil, {"python"}, {l.path("bin", launcher)}, {"vim", l.path("bin", launcher)}} {
		if got := l.label(other); got != "" {
			t.Errorf("%q is labelled %q", other, got)
		}
	}
	if got := portOf([]string{"python", "server", "start", "--port", "4207"}); got != 4207 {
		t.Errorf("port %d", got)
	}
}
