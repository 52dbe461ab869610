package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/folder"
)

// CodeLife is how long a code lets somebody in. templates/python/entry.py takes none that says it lives longer.
const CodeLife = 10 * time.Minute

// codeBytes makes 256 bits, which nobody guesses.
const codeBytes = 32

// Entry is a way into the embedded server's UI that works once, within [CodeLife].
type Entry struct {
	Address string // of the page that takes the code; whoever has it gets in
	File    string // a page for this user's browser alone, which leads to the address

	code string // the file whose removal takes the code
}

// NewEntry makes a code for the UI at ui, and the page that is shown then: a path with its query, or "" for the first one. What is left
// of earlier ones is removed. The server takes a code by removing its file, whose name is the code's hash, so that the code is nowhere
// but in what comes back, and in [Entry.File]: a browser is started with that file, since every account of the machine can read the
// command lines of all processes.
func (l *Local) NewEntry(ui, page string) (Entry, error) { return l.newEntry(ui, page, time.Now()) }

func (l *Local) newEntry(ui, page string, now time.Time) (Entry, error) {
	dir := l.path("run", "codes")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Entry{}, l.folder.Unwritable(err)
	}
	sweep(dir, time.Now().Add(-CodeLife))
	random := make([]byte, codeBytes)
	_, _ = rand.Read(random) // it never fails
	code := base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(code))
	e := Entry{Address: strings.TrimSuffix(ui, "/") + "/flowmage/open#" + code + page, code: filepath.Join(dir, hex.EncodeToString(sum[:]))}
	e.File = e.code + ".html"
	text := strconv.FormatInt(now.Add(CodeLife).Unix(), 10) + "\n"
	for path, text := range map[string]string{e.File: fmt.Sprintf(leading, html.EscapeString(e.Address)), e.code: text} {
		if err := folder.Write(path, []byte(text)); err != nil {
			return Entry{}, l.folder.Unwritable(err)
		}
	}
	return e, nil
}

// leading is a page that leads to another one.
const leading = `<!DOCTYPE html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=%[1]s">
<title>Open the Prefect UI</title>
<p><a href="%[1]s">Open the Prefect UI</a></p>
`

// sweep removes what is older than that: codes nobody came with, and the pages that led to them.
func sweep(dir string, before time.Time) {
	old, _ := os.ReadDir(dir) // what can't be listed stays
	for _, entry := range old {
		if info, err := entry.Info(); err == nil && info.ModTime().Before(before) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// Taken tells whether somebody has come with the code.
func (e Entry) Taken() bool { return !folder.Exists(e.code) }

// Done removes the page that leads to the address.
func (e Entry) Done() { _ = os.Remove(e.File) }

// Entered tells whether a browser was let in with the password that the server has now. From then on plain links work there.
func (l *Local) Entered() bool {
	noted, err := folder.Read(l.path("run", "entered"))
	sum := sha256.Sum256([]byte(l.Auth()))
	return err == nil && strings.TrimSpace(string(noted)) == hex.EncodeToString(sum[:])
}

// PageOf gives the page of a UI that a link or a path names, as [Local.NewEntry] takes it; false for a page of another server. localhost and 127.0.0.1
// are one server.
func PageOf(ui, link string) (string, bool) {
	base, err := url.Parse(ui)
	said, wrong := url.Parse(link)
	if err != nil || wrong != nil || !straight(said.Path) {
		return "", false
	}
	page := base.ResolveReference(said)
	if page.User != nil || page.Scheme != base.Scheme || page.Port() != base.Port() || credential.Machine(page.Hostname()) != credential.Machine(base.Hostname()) {
		return "", false
	}
	return (&url.URL{Path: page.Path, RawPath: page.RawPath, RawQuery: page.RawQuery}).String(), true
}

// straight tells whether a browser takes a path as it stands: for browsers a backslash is a slash, %2e is a dot, and what follows two slashes at
// the beginning is a host's name.
func straight(path string) bool {
	dots := slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return part == "." || part == ".." })
	return !dots && !strings.Contains(path, "//") && !strings.Contains(path, `\`)
}
