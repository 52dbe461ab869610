//go:build unix

package targets

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// doorkeeper stands in for the embedded server where its answers are what counts: it knows one password, takes one code, and tells what is wrong
// by an answer of the test's choice.
type doorkeeper struct {
	t      *testing.T
	status int // of what is wrong
}

func (d doorkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	script := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "templates", "python", name))
		if err != nil {
			d.t.Error(err)
		}
		return text
	}
	tell := func(right bool, yes, no string) {
		if w.Header().Set("Content-Type", "application/json"); right {
			_, _ = fmt.Fprint(w, yes)
			return
		}
		w.WriteHeader(d.status)
		_, _ = fmt.Fprint(w, no)
	}
	switch {
	case r.URL.Path == "/flowmage/known":
		tell(r.Header.Get("Authorization") == "Basic right", "true", "false")
	case r.URL.Path == "/flowmage/open" && r.Method == http.MethodPost:
		body := make([]byte, 100)
		n, _ := r.Body.Read(body)
		tell(strings.Contains(string(body[:n]), "good-code"), `{"password": "right"}`, `"no such code"`)
	case r.URL.Path == "/flowmage/open":
		_, _ = w.Write(script("open.html"))
	case r.URL.Path == "/flowmage/entry.js":
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(script("entry.js"))
	default:
		_, _ = fmt.Fprint(w, `<html><head><script src="/flowmage/entry.js"></script></head><body>the page of the UI</body></html>`)
	}
}

// TestEntryPages has a browser come with right and wrong passwords and codes, while the server tells it at once, by 429, or is out of order.
func TestEntryPages(t *testing.T) { //nolint:tparallel // one browser looks at one page after the other
	t.Parallel()
	b := openBrowser(t, "")
	const used = "This address has been used before"
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests, http.StatusInternalServerError} {
		server := httptest.NewServer(doorkeeper{t, status})
		defer server.Close()
		broken := status == http.StatusInternalServerError
		for _, x := range []struct{ password, path, wants, keeps string }{
			{"right", "/flows", "the page of the UI", "right"},
			{"", "/flows", notLetIn, ""},
			{"wrong", "/flows", map[bool]string{false: notLetIn, true: "the page of the UI"}[broken], map[bool]string{true: "wrong"}[broken]},
			{"wrong", "/flowmage/open", notLetIn, "wrong"},
			{"", "/flowmage/open#bad-code/flows", used, ""},
			{"wrong", "/flowmage/open#bad-code/flows", used, "wrong"},
			{"right", "/flowmage/open#bad-code/flows", "the page of the UI", "right"},
			{"wrong", "/flowmage/open#good-code/flows", "the page of the UI", "right"},
		} {
			if status == http.StatusOK && strings.Contains(x.path, "bad-code") {
				continue // the server tells it by no such status
			}
			t.Run(fmt.Sprintf("%d %s %s", status, x.password, x.path), func(t *testing.T) { //nolint:paralleltest // see above
				b.open(t, server.URL+"/flowmage/entry.js") // a text: nothing there goes on by itself
				evaluate[string](t, b, `localStorage.clear(), localStorage["prefect-password"] = "`+x.password+`"`)
				b.again = server.URL + x.path // here codes are good or bad as often as they are tried
				b.enterBy(t, server.URL+x.path, x.wants)
				if got := b.password(t); got != x.keeps {
					t.Errorf("the browser keeps the password %q, want %q", got, x.keeps)
				}
			})
		}
	}
}
