package prefect

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// same gives the same text again and again, so many bytes of it in all; below 0 is for ever.
func same(w io.Writer, text string, size int) {
	block := []byte(strings.Repeat(text, 1+(64<<10)/len(text)))
	for n := 0; size < 0 || n < size; n += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// packed gives an answer that is small on the wire and large unpacked.
func packed(status int, begin, text string, size int) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		zip := gzip.NewWriter(w)
		_, _ = io.WriteString(zip, begin)
		same(zip, text, size)
		_ = zip.Close()
	}
}

// plainly gives an answer as it is; a size below 0 never ends.
func plainly(status int, begin, text string, size int) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, begin)
		same(w, text, size)
	}
}

// large are answers that would take all memory.
func large() map[string]reply {
	return map[string]reply{
		"a bomb":             packed(200, "[", " ", 1<<28),
		"a bomb as an error": packed(500, `{"detail":"`, "a", 1<<28),
		"a bomb as a page":   packed(200, "<html>", "<p>", 1<<28),
		"endless":            plainly(200, "[", " ", -1),
		"endless text":       plainly(200, `{"id":"`, "x", -1),
		"endless error":      plainly(503, "<html>", "<br>", -1),
		"objects":            plainly(200, "[{}", ",{}", 7<<20),
		"lists":              plainly(200, "[[]", ",[]", 7<<20),
		"nulls":              plainly(200, "[null", ",null", 7<<20),
		"fields":             plainly(200, `{"parameters":{"":{}`, `,"":{}`, 7<<20),
		"numbers":            plainly(200, `{"parameters":{"a":[1`, `,1`, 7<<20),
		"rows":               plainly(200, "[{}", ",{}", 200<<10),
		"depth":              plainly(200, "[", "[", 7<<20),
		"a text":             plainly(200, `{"detail":"`, "a", 8<<20),
		"an error of texts":  plainly(422, `{"detail":[{"msg":"a"}`, `,{"msg":"a"}`, 7<<20),
		"a wrong length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(1<<40))
			w.WriteHeader(http.StatusOK)
			same(w, " ", -1)
		},
	}
}

// TestLargeAnswer is one answer in a process of its own, which says how much memory the system gave it for that.
func TestLargeAnswer(t *testing.T) { //nolint:paralleltest // it measures
	name := os.Getenv("PREFECT_TEST_LARGE")
	if name == "" {
		return
	}
	debug.SetGCPercent(400) // as the tool has it
	c, err := New(Options{URL: os.Getenv("PREFECT_TEST_URL"), Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = c.FlowRun(t.Context(), "1")
	if strings.HasPrefix(name, "list ") {
		_, err = c.WorkPools(t.Context())
	}
	runtime.ReadMemStats(&after)
	_, _ = fmt.Fprintf(os.Stdout, "memory %d\n%v\n", int64(after.HeapSys-before.HeapSys)>>20, err) //nolint:gosec // it may have shrunk
}

// Whatever a server sends, an answer to one request takes no more than 64 MiB.
func TestMemoryOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range large() {
		for _, kind := range []string{"", "list "} {
			few := kind == "" && slices.Contains([]string{"a bomb", "endless error", "objects", "an error of texts"}, name) || kind != "" && name == "objects"
			if !few && os.Getenv("FLOWMAGE_SOAK") == "" {
				continue
			}
			t.Run(kind+name, func(t *testing.T) {
				t.Parallel()
				calls := 0
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if calls++; calls > 12 { // a list that is halved down to one row, or an error that is tried again
						panic(http.ErrAbortHandler)
					}
					answer(w, r)
				}))
				t.Cleanup(server.CloseClientConnections)
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLargeAnswer$")
				cmd.Env = append(os.Environ(), "PREFECT_TEST_LARGE="+kind+name, "PREFECT_TEST_URL="+server.URL+"/api")
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				var used int
				if _, err := fmt.Sscanf(string(out), "memory %d\n", &used); err != nil || used > 64 {
					t.Errorf("it takes %d MiB: %v\n%.300s", used, err, out)
				}
				if strings.Contains(string(out), "<nil>") {
					t.Errorf("it is taken for an answer: %.300s", out)
				}
			})
		}
	}
}

// What is too large says so, and is not tried again.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a bomb as an error", "endless", "numbers"} {
		c, s, _ := serve(t, large()[name])
		_, err := c.FlowRun(t.Context(), "1")
		if f, ok := errors.AsType[*fault.Error](err); !ok || !strings.Contains(f.What, "larger than any of a Prefect server's") || f.Next == "" {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(s.requests()); n != 1 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

// A page that is too large for one answer is read in parts, and nothing is missing.
func TestLargePages(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("x", 100<<10)
	handler := func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Limit, Offset int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "[")
		for i := asked.Offset; i < min(asked.Offset+asked.Limit, 433); i++ {
			if i > asked.Offset {
				_, _ = io.WriteString(w, ",")
			}
			_, _ = fmt.Fprintf(w, `{"id":"%03d","name":"%03d","description":"%s"}`, i, i, filler)
		}
		_, _ = io.WriteString(w, "]")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/count") {
			_, _ = io.WriteString(w, "433")
			return
		}
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	c, _ := client(t, Options{URL: server.URL + "/api"})
	pools, err := c.WorkPools(t.Context())
	if err != nil || len(pools) != 433 || pools[432].Name != "432" {
		t.Errorf("%d pools: %v", len(pools), err)
	}
	deployments, err := c.Deployments(t.Context(), DeploymentFilter{})
	if err != nil || len(deployments) != 433 || deployments[217].Name != "217" {
		t.Errorf("%d deployments: %v", len(deployments), err)
	}
}

// Ordinary answers are not taken for heavy ones, whatever signs are in their texts.
func TestHeavy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"a":"` + strings.Repeat(`{,\"[`, 400_000) + `"}`:                   false,
		`[` + strings.Repeat(`{"a":1,"b":"x"},`, 9_000) + `1]`:               false,
		`[` + strings.Repeat(`{},`, 200_000) + `1]`:                          true,
		`{"a":[` + strings.Repeat(`0,`, 700_000) + `1]}`:                     true,
		`{"a":"\\",` + strings.Repeat(`"b":{},`, 200_000) + `"c":"` + `"}`:   true,
		strings.Repeat(`{"a":`, 130_000):                                     true,
		`{"a":"` + strings.Repeat("x", 7<<20) + `"}`:                         false,
		`{"a":"unfinished ` + strings.Repeat(`{`, 200_000):                   false,
		`{"a":"` + strings.Repeat(`\"`, 1_000_000) + `","b":[` + "1,2" + `]`: false,
	} {
		if got := heavy([]byte(text)); got != want {
			t.Errorf("%.40s… (%d bytes): %v", text, len(text), got)
		}
	}
}
