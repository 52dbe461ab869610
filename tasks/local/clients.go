package local

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/interpreter"
)

// sayOnSockets is the first release of Prefect whose programs say the auth string on every web socket. Earlier ones send it only where it
// stands in the API's address.
const sayOnSockets = "3.6.14"

// identified completes the environment of a program for the embedded server, so that it can say who it is with that release of Prefect.
// What is meant for another server stays as it is.
func (l *Local) identified(v interpreter.Variables, release string) interpreter.Variables {
	auth := v.Get(interpreter.AuthVariable)
	if auth == "" || auth != l.Auth() || !interpreter.Before(release, sayOnSockets) {
		return v
	}
	address := v.Get("PREFECT_API_URL")
	return v.With("PREFECT_API_URL", withUser(address, auth)).WithDefault("PREFECT_UI_URL", strings.TrimSuffix(address, "/api"))
}

// variables gives those, as NAME=VALUE, by which the user's own `prefect` command reaches the server. auth stands for the auth string: a shell's
// way to read it from its file, say, so that it is shown nowhere.
func (l *Local) variables(server Server, auth string) ([]string, error) {
	python, err := l.python.Status()
	address := server.URL
	if interpreter.Before(python.Prefect, sayOnSockets) {
		address = withUser(address, auth)
	}
	return []string{"PREFECT_API_URL=" + address, interpreter.AuthVariable + "=" + auth}, err
}

func withUser(address, auth string) string { return strings.Replace(address, "://", "://"+auth+"@", 1) }

// post asks the API of the server that a worker is for, with the auth string if that is the embedded one's and with a CSRF token.
func (l *Local) post(ctx context.Context, w WorkerSpec, path, body string) (*http.Response, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	if auth := interpreter.Variables(w.Env).Get(interpreter.AuthVariable); auth != "" && auth == l.Auth() {
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(auth)))
		client := rand.Text()
		var got struct {
			Token string `json:"token"`
		}
		l.get(ctx, w.APIURL+"/csrf-token?client="+url.QueryEscape(client), header, 5*time.Second, &got) // a server may know no tokens
		header.Set("Prefect-Csrf-Client", client)
		header.Set("Prefect-Csrf-Token", got.Token)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.APIURL+path, bytes.NewBufferString(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	return l.client.Do(request)
}

func (r record) url() string { return "http://" + addressOf(r.Port) + "/api" }

// healthy tells whether the server of a record answers (Prefect: GET /health gives true).
func (l *Local) healthy(ctx context.Context, r record, patience time.Duration) bool {
	var well bool
	return l.get(ctx, r.url()+"/health", nil, patience, &well) && well
}

// answersAtOnce tells whether a server that was proven to be ours answers; the one at the address answered is not asked again.
func (l *Local) answersAtOnce(ctx context.Context, r record, answered string) bool {
	return r.Ready && (r.url() == answered || l.healthy(ctx, r, 2*time.Second))
}

// provenOurs tells whether the server that answers on our port is ours, with its guard in front. Somebody else's may have taken the port
// while ours was loading, so it is not asked with the auth string, but shows that it knows it.
func (l *Local) provenOurs(ctx context.Context, r record) bool {
	nonce, shown := rand.Text(), ""
	return l.get(ctx, "http://"+addressOf(r.Port)+"/flowmage/proof?nonce="+nonce, nil, 5*time.Second, &shown) &&
		shown != "" && hmac.Equal([]byte(shown), []byte(proof(l.Auth(), nonce, r.Port)))
}

// get reads JSON; false for every kind of failure.
func (l *Local) get(ctx context.Context, address string, header http.Header, patience time.Duration, into any) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	request.Header = header.Clone()
	response, err := l.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return err == nil && response.StatusCode == http.StatusOK && json.Unmarshal(data, into) == nil
}

// Shell gives the line that has the `prefect` command of the user's shell reach the embedded server: for sh, bash, zsh and fish, on Windows for
// PowerShell.
func (l *Local) Shell(running Server) (string, error) {
	sh := posix
	if runtime.GOOS == "windows" {
		sh = powershell
	}
	variables, err := l.variables(running, sh.read(l.AuthPath()))
	return sh.set(variables), err
}

// syntax is how a line sets variables. The auth string is read from its file by the shell: it is shown nowhere, and stands in no history.
type syntax struct{ begin, each, end, reader, quote string }

var (
	posix      = syntax{begin: "export", each: " ", reader: "cat", quote: `'\''`}     //nolint:gochecknoglobals // constant
	powershell = syntax{each: " $env:", end: ";", reader: "Get-Content", quote: "''"} //nolint:gochecknoglobals // constant
)

// read gives what stands for the text of a file within double quotes.
func (s syntax) read(path string) string {
	return "$(" + s.reader + " '" + strings.ReplaceAll(path, "'", s.quote) + "')"
}

// set gives a line that sets variables, which are given as NAME=VALUE.
func (s syntax) set(variables []string) string {
	var line strings.Builder
	line.WriteString(s.begin)
	for _, pair := range variables {
		name, value, _ := strings.Cut(pair, "=")
		line.WriteString(s.each + name + `="` + value + `"` + s.end)
	}
	return strings.TrimSpace(line.String())
}
