package image

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestRealRegistry pushes to a registry that asks for a password, through a line that breaks.
func TestRealRegistry(t *testing.T) {
	t.Parallel()
	prerequisite.Image(t)
	where, config := keptRegistry(t), t.TempDir()
	connect := func() *Docker {
		d, err := Connect(t.Context(), []string{"DOCKER_HOST=" + os.Getenv("DOCKER_HOST"), "DOCKER_CONFIG=" + config})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	d := connect()
	const base = "flowmage-test-worker:1"
	load(t, d, base)
	t.Cleanup(func() { _ = d.Remove(context.WithoutCancel(t.Context()), base) })
	var cut atomic.Bool
	// A broken line is noticed at once by a manifest; of a layer Docker tries five times, for a minute.
	part := "/manifests/"
	if prerequisite.Full() {
		part = "/blobs/uploads/"
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(where)
		r.Out.Host = r.In.Host // it tells clients where to go on
		if cut.Load() && strings.Contains(r.In.URL.Path, part) && r.In.Method == http.MethodPut {
			panic(http.ErrAbortHandler)
		}
	}})
	t.Cleanup(proxy.Close)
	registry := strings.TrimPrefix(proxy.URL, "http://")
	p := planned(t, registry+"/team", "FROM "+base+"\nENV A=3\n", nil)
	t.Cleanup(func() { _ = d.Remove(context.WithoutCancel(t.Context()), p.Spec.Reference()) })
	push := func() Result { return ensured(t, d, p, Options{Push: true}) }
	faulty(t, nil, p, push(), "no basic auth credentials", "docker login "+registry)
	login := func(password string) {
		auth := base64.StdEncoding.EncodeToString([]byte("robot:" + password))
		if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(`{"auths":{"`+registry+`":{"auth":"`+auth+`"}}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		d = connect()
	}
	login("wrong")
	faulty(t, nil, p, push(), "unauthorized", "docker login "+registry)
	login("secret")
	cut.Store(true)
	r := push()
	faulty(t, nil, p, r, "EOF", "what was uploaded is kept")
	if r.Pushed || r.Digest != "" {
		t.Errorf("%+v", r)
	}
	cut.Store(false)
	if r := push(); r.Err != nil || r.Built || !r.Pushed || r.Digest == "" {
		t.Errorf("%+v", r)
	}
	if r := push(); r.Err != nil || r.Built || r.Pushed || r.Digest == "" {
		t.Errorf("%+v", r)
	}
}

// keptRegistry starts a registry that lets in robot with the password secret.
func keptRegistry(t *testing.T) *url.URL {
	t.Helper()
	program := prerequisite.Program(t, "docker-registry")
	port := freePort(t)
	root := folderOf(t, map[string]string{
		"passwords": "robot:$2b$04$tuaALWcyx2L6Jt0SPUvcFOaCKtytLdjM2naUdNhg0aeyox3FFV2J6\n",
		"config.yaml": "version: 0.1\nstorage: {filesystem: {rootdirectory: ./data}}\nhttp: {addr: '127.0.0.1:" + port +
			"'}\nauth: {htpasswd: {realm: test, path: ./passwords}}\n",
	})
	cmd := exec.CommandContext(t.Context(), program, "serve", "config.yaml")
	cmd.Dir = root
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the context has killed it
	await(t, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
		return err == nil && conn.Close() == nil
	})
	return &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil || !ok {
		t.Fatal(err)
	}
	return strconv.Itoa(address.Port)
}
