package console_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
)

// A secret is hidden in the forms that it takes on its way, also in the middle of longer ones.
func TestEncodedSecrets(t *testing.T) {
	t.Parallel()
	const secret = `p/ä"s's<w&r\d+? 42%`
	quoted, err := json.Marshal(map[string]string{"x": "before " + secret + " after"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is": secret, "json": string(quoted), "go": fmt.Sprintf("%q", secret), "ascii": fmt.Sprintf("%+q", secret), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"address": (&url.URL{Scheme: "https", Host: "x", User: url.UserPassword("me", secret)}).String(), "html": html.EscapeString(secret), "hex": hex.EncodeToString([]byte(secret)),
		"yaml": strings.ReplaceAll(secret, "'", "''"), "shell": strings.ReplaceAll(secret, "'", `'\''`),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "one before": base64.StdEncoding.EncodeToString([]byte("u" + secret)),
		"basic": base64.StdEncoding.EncodeToString([]byte("me" + secret)), "three": base64.StdEncoding.EncodeToString([]byte("me:" + secret + " and more")),
		"url base64": base64.RawURLEncoding.EncodeToString([]byte("xyzw" + secret + "tail")),
	} {
		var out bytes.Buffer
		c := console.New(&out, &out)
		c.Hide(secret)
		c.Say("see %s.", text)
		if !strings.Contains(out.String(), "********") {
			t.Errorf("%s: %s is shown as %s", name, text, out.String())
		}
	}
}

// Each form is hidden by itself, where no other one is like it.
func TestEachForm(t *testing.T) {
	t.Parallel()
	const secret = "a:b@c d<e'f\"\a"
	plain := new(bytes.Buffer)
	enc := json.NewEncoder(plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(secret); err != nil {
		t.Fatal(err)
	}
	const dense = "??>>??>>??>>"
	for _, x := range []struct{ secret, text string }{
		{secret, fmt.Sprintf("%q", secret)}, {secret, url.QueryEscape(secret)}, {secret, url.PathEscape(secret)}, {secret, url.UserPassword("", secret).String()},
		{secret, strings.ReplaceAll(secret, "'", `\'`)}, {secret, plain.String()}, {secret, strings.ToUpper(hex.EncodeToString([]byte(secret)))},
		{dense, base64.URLEncoding.EncodeToString([]byte(dense))},
	} {
		c := console.New(io.Discard, io.Discard)
		c.Hide("first")
		if c.Redacted(x.text) != x.text {
			t.Fatal(x.text)
		}
		c.Hide(x.secret)
		if got := c.Redacted(x.text); !strings.Contains(got, "********") {
			t.Errorf("%q is shown as %q", x.text, got)
		}
	}
	c := console.New(io.Discard, io.Discard)
	c.Hide("abcd")
	if got := c.Redacted("61626364"); got != "61626364" {
		t.Errorf("a short secret is looked for in other forms: %q", got)
	}
}

// What is held back comes before JSON, and without what was hidden meanwhile.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := console.New(&out, io.Discard)
	c.Hide("hunter2")
	c.Printf("hunt")
	if err := c.JSON(1); err != nil {
		t.Fatal(err)
	}
	c.Printf("hunt")
	c.Hide("hunt")
	c.Flush()
	if diff := cmp.Diff("hunt1\n********", out.String()); diff != "" {
		t.Error(diff)
	}
}

// Where a secret is split over writes, however small, it is hidden all the same, and everything else comes out whole.
func TestSplitSecrets(t *testing.T) {
	t.Parallel()
	const text = "abcd hunter2hunter2 abab-ababab hunter2x and hunt\nthe end: hunter2hunt"
	const want = "abcd **************** ********-********ab ********x and hunt\nthe end: ********hunt"
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		c := console.New(&out, &bytes.Buffer{})
		c.Hide("hunter2")
		c.Hide("abab")
		for at := 0; at < len(text); at += size {
			fmt.Fprint(c.Out(), text[at:min(at+size, len(text))])
			if strings.Contains(out.String(), "hunter2") {
				t.Fatalf("writes of %d bytes show %q", size, out.String())
			}
		}
		c.Flush()
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("writes of %d bytes (-want +got):\n%s", size, diff)
		}
	}
}

// Each line of a long secret is one.
func TestLinesOfASecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := console.New(&out, &out)
	c.Hide("-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\nx\n-----END KEY-----\n")
	c.Say("line MIIEowIBAAKCAQEA and x")
	if diff := cmp.Diff("line ******** and x\n", out.String()); diff != "" {
		t.Error(diff)
	}
}
