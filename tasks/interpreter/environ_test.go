package interpreter

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
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
		env  func(*Installation) Variables
		want map[string]string
	}{
		{
			name: "installers",
			env:  (*Installation).installEnviron,
			want: map[string]string{
				"PATH": "/usr/bin", "PREFECT_API_URL": "", "PYTHONPATH": "", "VIRTUAL_ENV": "", "HTTPS_PROXY": "http://proxy:3128", "HOME": "/home/me",
				"PIP_TARGET": "", "PIP_USER": "0", "UV_PYTHON": "", "UV_PYTHON_DOWNLOADS": "never", "SSL_CERT_FILE": "/ca.pem",
				"PIP_INDEX_URL": "https://index.example/simple", "UV_DEFAULT_INDEX": "https://index.example/simple", "PYTHONDONTWRITEBYTECODE": "",
				"FLOWMAGE_PROD_API_KEY": "", "FLOWMAGE_DEV_HEADERS": "", "FLOWMAGE_TAGS": "a",
			},
		},
		{
			name: "embedded Prefect",
			env: func(i *Installation) Variables {
				return i.Environ(Env{Python: filepath.Join(root, "e", "bin", "python")})
			},
			want: map[string]string{
				"PATH": filepath.Join(root, "e", "bin") + list + "/usr/bin", "VIRTUAL_ENV": filepath.Join(root, "e"), "PYTHONPATH": "",
				"PREFECT_API_URL": "", "PREFECT_API_KEY": "", "PREFECT_HOME": filepath.Join(root, folder.Name, "server"), "NO_PROXY": "corp.example,127.0.0.1,localhost",
				"no_proxy": "127.0.0.1,localhost", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PYTHONDONTWRITEBYTECODE": "",
				"FLOWMAGE_PROD_API_KEY": "", "FLOWMAGE_DEV_HEADERS": "", "FLOWMAGE_TAGS": "a",
			},
		},
		{
			name: "Prefect of the user's own",
			env: func(i *Installation) Variables {
				return i.Environ(Env{Own: true, Python: filepath.Join(root, "e", "bin", "python")})
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
			environ := test.env(&Installation{folder: folder.In(root, nil, nil), environ: given})
			for name := range test.want {
				got[name] = environ.Get(name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	uv := (&Installation{environ: []string{"UV_INDEX_URL=https://uv.example/simple"}}).installEnviron()
	if uv.Get("PIP_INDEX_URL") != "https://uv.example/simple" || uv.Get("UV_DEFAULT_INDEX") != "" {
		t.Errorf("uv's index: %v", uv)
	}
}

func TestPasswordsAreHidden(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := console.New(&out, &out)
	i := New(Options{Folder: folder.In(t.TempDir(), c, nil), Console: c, Environ: []string{
		"PIP_EXTRA_INDEX_URL=https://a.example/simple https://me:first-secret@b.example/simple", "UV_INDEX=mine=https://me:second-secret@c.example",
		"https_proxy=http://me:third-secret@proxy:3128", "OTHER=https://me:not-asked@d.example",
	}})
	i.hidePasswords()
	c.Say("first-secret second-secret third-secret not-asked")
	if diff := cmp.Diff("******** ******** ******** not-asked\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
