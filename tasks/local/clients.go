package local

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
)

// sayOnSockets is the first release of Prefect whose programs say the auth string on every web socket. Earlier ones send it only where it
// stands in the API's address.
const sayOnSockets = "3.6.14"

// authVariable is where Prefect's programs find the auth string.
const authVariable = "PREFECT_API_AUTH_STRING"

// identified completes the environment of a program for the embedded server, so that it can say who it is with that release of Prefect.
// What is meant for another server stays as it is.
func (l *Local) identified(v variables, release string) variables {
	auth := v.get(authVariable)
	if auth == "" || auth != l.Auth() || !before(release, sayOnSockets) {
		return v
	}
	address := v.get("PREFECT_API_URL")
	return v.with("PREFECT_API_URL", withUser(address, auth)).withDefault("PREFECT_UI_URL", strings.TrimSuffix(address, "/api"))
}

// Prefect gives how Prefect's own command is typed in the repository's folder, with the Python that the server runs on.
func (l *Local) Prefect() string {
	if l.python != "" {
		return cmp.Or(l.resolve(l.python), l.python) + " -m prefect"
	}
	return filepath.Join(filepath.Dir(venvPython(filepath.Join(Folder, "python"))), "prefect")
}

// Variables gives those, as NAME=VALUE, by which the user's own `prefect` command reaches the server. auth stands for the auth string: a shell's
// way to read it from its file, say, so that it is shown nowhere.
func (l *Local) Variables(server Server, auth string) ([]string, error) {
	python, err := l.pythonStatus()
	address := server.URL
	if before(python.Prefect, sayOnSockets) {
		address = withUser(address, auth)
	}
	return []string{"PREFECT_API_URL=" + address, authVariable + "=" + auth}, err
}

func withUser(address, auth string) string { return strings.Replace(address, "://", "://"+auth+"@", 1) }

// before compares releases of Prefect by their three numbers.
func before(release, than string) bool {
	numbers := func(text string) (n [3]int) {
		_, _ = fmt.Sscanf(text, "%d.%d.%d", &n[0], &n[1], &n[2]) // what is missing counts as zero
		return n
	}
	a, b := numbers(release), numbers(than)
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2])) < 0
}

// post asks the API of the server that a worker is for, with the auth string if that is the embedded one's and with a CSRF token.
func (l *Local) post(ctx context.Context, w WorkerSpec, path, body string) (*http.Response, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	if auth := variables(w.Env).get(authVariable); auth != "" && auth == l.Auth() {
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(auth)))
		client := rand.Text()
		token, err := l.csrf(ctx, w.APIURL+"/csrf-token?client="+url.QueryEscape(client), header)
		if err != nil {
			return nil, err
		}
		header.Set("Prefect-Csrf-Client", client)
		header.Set("Prefect-Csrf-Token", token)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.APIURL+path, bytes.NewBufferString(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	return l.client.Do(request)
}

func (l *Local) csrf(ctx context.Context, address string, header http.Header) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	request.Header = header.Clone()
	response, err := l.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	var got struct {
		Token string `json:"token"`
	}
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&got)
	return got.Token, err
}
