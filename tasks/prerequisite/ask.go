package prerequisite

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// Ask is [AskAt] for the shared server.
func Ask(tb testing.TB, method, path string, in any) []byte {
	tb.Helper()
	return AskAt(tb, Server(tb), method, path, in)
}

// AskAt sends a request to a server's API, past our own client, and gives the body of the answer as it came. in is sent as JSON. Anything but
// success fails the test.
func AskAt(tb testing.TB, api, method, path string, in any) []byte {
	tb.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, api+path, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		tb.Fatalf("%s %s: %v %s\n%s", method, path, err, resp.Status, text)
	}
	return text
}

// List is [Ask] for a list of objects.
func List(tb testing.TB, method, path string, in any) []map[string]any {
	tb.Helper()
	return ListAt(tb, Server(tb), method, path, in)
}

// ListAt is [AskAt] for a list of objects.
func ListAt(tb testing.TB, api, method, path string, in any) []map[string]any {
	tb.Helper()
	var out []map[string]any
	if err := json.Unmarshal(AskAt(tb, api, method, path, in), &out); err != nil {
		tb.Fatal(err)
	}
	return out
}
