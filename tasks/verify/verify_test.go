package verify_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/verify"
)

// A real server serves its UI as it should; these are servers that don't.
func TestUI(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		settings string // %s is the server's own address
		page     int
		want     []string
	}{
		"well": {
			`{"api_url":"%s/api","available_uis":["v2"],"default_ui":"v2","v1_base_url":"/","v2_base_url":"/v2"}`, 200,
			[]string{"UI's API address: ok", "UI v2: ok"},
		},
		"another API": {
			`{"api_url":"http://127.0.0.1:1/api","available_uis":["v1"],"v1_base_url":"/"}`, 200,
			[]string{"UI's API address: the pages talk to that address", "UI v1: ok"},
		},
		"pages are gone": {
			`{"api_url":"%s/api","available_uis":["v1"],"v1_base_url":"/"}`, 404,
			[]string{"UI's API address: ok", "UI v1: is the UI switched off"},
		},
		"no settings": {"", 200, []string{"UI settings: is the UI switched off"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var address string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/ui-settings" && test.settings != "":
					w.Header().Set("Content-Type", "application/json")
					if _, err := w.Write([]byte(strings.ReplaceAll(test.settings, "%s", address))); err != nil {
						t.Error(err)
					}
				case strings.HasSuffix(r.URL.Path, "/deployments") && r.Header.Get("Accept") == "text/html":
					w.WriteHeader(test.page)
				default:
					http.NotFound(w, r)
				}
			}))
			t.Cleanup(server.Close)
			address = server.URL
			api, err := prefect.New(prefect.Options{URL: server.URL + "/api"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, rung := range verify.UI(t.Context(), api, server.URL) {
				text := rung.Name + ": ok"
				if !rung.OK {
					text = rung.Name + ": " + rung.Next
				}
				got = append(got, text)
			}
			same := len(got) == len(test.want)
			for i := 0; same && i < len(got); i++ {
				same = strings.HasPrefix(got[i], test.want[i])
			}
			if !same {
				t.Error(cmp.Diff(test.want, got))
			}
		})
	}
}
