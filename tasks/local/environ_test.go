package local

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
)

func TestEnvirons(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	list := string(filepath.ListSeparator)
	given := []string{
		"PATH=/usr/bin", "PREFECT_API_URL=http://elsewhere/api", "PREFECT_API_KEY=secret", "PYTHONPATH=/mine", "PYTHONDONTWRITEBYTECODE=1",
		"VIRTUAL_ENV=/venv", "HTTPS_PROXY=http://proxy:3128", "NO_PROXY=corp.example", "PIP_TARGET=/t", "PIP_USER=1", "HOME=/home/me",
		"PIP_INDEX_URL=https://index.example/simple", "PIP_CERT=/ca.pem", "UV_PYTHON=3.9",
		"FLOWMAGE_PROD_API_KEY=secret", "FLOWMAGE_DEV_HEADERS={}", "FLOWMAGE_TAGS=a",
	}
	tests := []struct {
		name string
		env  func(*Local) variables
		want map[string]string
	}{
		{
			name: "installers",
			env:  (*Local).installEnviron,
			want: map[string]string{
				"PATH": "/usr/bin", "PREFECT_API_URL": "", "PYTHONPATH": "", "VIRTUAL_ENV": "", "HTTPS_PROXY": "http://proxy:3128", "HOME": "/home/me",
				"PIP_TARGET": "", "PIP_USER": "0", "UV_PYTHON": "", "UV_PYTHON_DOWNLOADS": "never", "SSL_CERT_FILE": "/ca.pem",
				"PIP_INDEX_URL": "https://index.example/simple", "UV_DEFAULT_INDEX": "https://index.example/simple", "PYTHONDONTWRITEBYTECODE": "",
				"FLOWMAGE_PROD_API_KEY": "", "FLOWMAGE_DEV_HEADERS": "", "FLOWMAGE_TAGS": "a",
			},
		},
		{
			name: "embedded Prefect",
			env: func(l *Local) variables {
				return l.runEnviron(pythonEnv{Python: filepath.Join(root, "e", "bin", "python")})
			},
			want: map[string]string{
				"PATH": filepath.Join(root, "e", "bin") + list + "/usr/bin", "VIRTUAL_ENV": filepath.Join(root, "e"), "PYTHONPATH": "",
				"PREFECT_API_URL": "", "PREFECT_API_KEY": "", "PREFECT_HOME": filepath.Join(root, Folder, "server"), "NO_PROXY": "corp.example,127.0.0.1,localhost",
				"no_proxy": "127.0.0.1,localhost", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PYTHONDONTWRITEBYTECODE": "",
				"FLOWMAGE_PROD_API_KEY": "", "FLOWMAGE_DEV_HEADERS": "", "FLOWMAGE_TAGS": "a",
			},
		},
		{
			name: "Prefect of the user's own",
			env: func(l *Local) variables {
				return l.runEnviron(pythonEnv{Own: true, Python: filepath.Join(root, "e", "bin", "python")})
			},
			want: map[string]string{"PYTHONPATH": "/mine", "VIRTUAL_ENV": "/venv", "PREFECT_API_KEY": ""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if onWindows && strings.Contains(test.name, "embedded") {
				t.Skip("names don't tell case apart there")
			}
			got := map[string]string{}
			environ := test.env(&Local{home: filepath.Join(root, Folder), environ: given})
			for name := range test.want {
				got[name] = environ.get(name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	uv := (&Local{environ: []string{"UV_INDEX_URL=https://uv.example/simple"}}).installEnviron()
	if uv.get("PIP_INDEX_URL") != "https://uv.example/simple" || uv.get("UV_DEFAULT_INDEX") != "" {
		t.Errorf("uv's index: %v", uv)
	}
}

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

func TestPasswordsAreHidden(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := console.New(&out, &out)
	l := New(Options{Root: t.TempDir(), Console: c, Environ: []string{
		"PIP_EXTRA_INDEX_URL=https://a.example/simple https://me:first-secret@b.example/simple", "UV_INDEX=mine=https://me:second-secret@c.example",
		"https_proxy=http://me:third-secret@proxy:3128", "OTHER=https://me:not-asked@d.example",
	}})
	l.hidePasswords()
	c.Say("first-secret second-secret third-secret not-asked")
	if diff := cmp.Diff("******** ******** ******** not-asked\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
