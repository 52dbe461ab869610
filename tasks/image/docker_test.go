package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/tree"
)

// daemon answers as a Docker daemon does, by the end of the path.
func daemon(t *testing.T, answers map[string]http.HandlerFunc) *Docker {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_ping") {
			w.Header().Set("Api-Version", "1.41")
			return
		}
		for path, answer := range answers {
			if strings.HasSuffix(r.URL.Path, path) {
				answer(w, r)
				return
			}
		}
		http.Error(w, `{"message":"no such thing"}`, http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	d, err := Connect(t.Context(), []string{"DOCKER_HOST=tcp://" + strings.TrimPrefix(server.URL, "http://"), "HOME=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// says answers with lines of a build or push. It reads the request to its end, as a daemon does.
func says(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // whoever broke off needs no answer
		_, _ = io.WriteString(w, strings.Join(lines, "\n"))
	}
}

func specOf(t *testing.T, files map[string]string) Spec {
	t.Helper()
	c, err := ReadContext(tree.Open(folderOf(t, files)), "Dockerfile", nil)
	if err != nil {
		t.Fatal(err)
	}
	return Spec{Name: "rpa1", Project: "shop", Dockerfile: "flows/rpa1/Dockerfile", Text: []byte("FROM x\n"), Context: c}
}

func TestBuildFailures(t *testing.T) {
	t.Parallel()
	step := func(text string) string { return `{"stream":"Step 2/5 : ` + text + `\n"}` }
	for name, test := range map[string]struct {
		answer          http.HandlerFunc
		what, why, next string
	}{
		"a step fails": {
			says(step("RUN pip install nothere"), `{"stream":"ERROR: No matching distribution found for nothere\n"}`, `{"errorDetail":{"code":1,"message":"The command '/bin/sh -c pip install nothere' returned a non-zero code: 1"},"error":"x"}`),
			"the image of rpa1 can't be built", "Step 2/5 : RUN pip install nothere\nERROR: No matching distribution found for nothere\nThe command", "correct that step",
		},
		"a file is missing": {
			says(step("COPY flows/rpa9 ./x"), `{"errorDetail":{"message":"COPY failed: file not found in build context or excluded by .dockerignore: stat flows/rpa9: file does not exist"},"error":"x"}`),
			"the image of rpa1 can't be built", "of the files that the Dockerfile copies, the build has in flows: rpa1/, rpa2/; .dockerignore leaves out the others", "correct the path",
		},
		"no base": {
			says(step("FROM nothere"), `{"errorDetail":{"message":"pull access denied for nothere, repository does not exist or may require 'docker login'"},"error":"x"}`),
			ErrNoBase.Error(), "pull access denied", "docker login",
		},
		"no network": {
			says(step("FROM a"), `{"errorDetail":{"message":"Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"},"error":"x"}`),
			ErrNoBase.Error(), "no such host", "image.build_args",
		},
		"the disk is full": {
			says(step("RUN x"), `{"stream":"OSError: [Errno 28] No space left on device\n"}`, `{"errorDetail":{"message":"returned a non-zero code: 1"},"error":"x"}`),
			"the image of rpa1 can't be built", "No space left on device", "free some space",
		},
		"it dies": {
			func(w http.ResponseWriter, r *http.Request) {
				says(step("RUN x"))(w, r)
				_, _ = io.WriteString(w, "\n{\"stream\":\"ha")
			}, "Docker went away while the image of rpa1 was built", "unexpected EOF", "start Docker again",
		},
		"no image": {says(`{"stream":"Successfully built\n"}`), "the image of rpa1 can't be built", "without an image", "run the same command again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := daemon(t, map[string]http.HandlerFunc{"/build": test.answer})
			s := specOf(t, map[string]string{"flows/rpa1/w.py": "1", "flows/rpa2/w.py": "2", ".dockerignore": ""})
			_, err := d.Build(t.Context(), s, io.Discard)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != fault.Image || f.What != test.what || !strings.Contains(f.Why, test.why) || !strings.Contains(f.Next, test.next) {
				t.Errorf("%#v", err)
			}
			if errors.Is(&BaseError{"base", err}, ErrNoBase) != (test.what == ErrNoBase.Error()) {
				t.Error("a missing base is not known as one")
			}
		})
	}
}

func TestBuildWhatIsSent(t *testing.T) {
	t.Parallel()
	var query, body string
	d := daemon(t, map[string]http.HandlerFunc{"/build": func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		query, body = r.URL.RawQuery, string(data)
		says(`{"stream":"Step 1/1 : FROM x\n"}`, `{"aux":{"ID":"sha256:1234"}}`)(w, r)
	}})
	s := specOf(t, map[string]string{"a": "1"})
	s.Args, s.Transient = map[string]string{"A": "1"}, Transient{Args: map[string]string{"PIP_INDEX_URL": "http://i"}, Files: map[string][]byte{"ca.pem": []byte("CERT")}}
	var log bytes.Buffer
	id, err := d.Build(t.Context(), s, &log)
	if err != nil || id != "sha256:1234" || log.String() != "Step 1/1 : FROM x\n" {
		t.Error(id, err, log.String())
	}
	for _, want := range []string{"PIP_INDEX_URL", "version=1", "forcerm=1"} {
		if !strings.Contains(query, want) {
			t.Errorf("no %s in %s", want, query)
		}
	}
	if !strings.Contains(body, "CERT") || !strings.Contains(body, "FROM x\nLABEL flowmage.image=") {
		t.Error("the context lacks a file")
	}
}

func TestBuildUnreadableFile(t *testing.T) {
	t.Parallel()
	d := daemon(t, map[string]http.HandlerFunc{"/build": says()})
	s := specOf(t, map[string]string{"a": "1"})
	if err := os.Remove(filepath.Join(s.Context.files.Folder(), "a")); err != nil {
		t.Fatal(err)
	}
	_, err := d.Build(t.Context(), s, io.Discard)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Where != "a" {
		t.Errorf("%#v", err)
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	broken := func(message string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"message":"`+message+`"}`)
		}
	}
	const reference = "r.example.com/shop-a:1"
	d := daemon(t, map[string]http.HandlerFunc{
		"/shop-a:1/json": says(`{"Descriptor":{"digest":"sha256:aa","size":1}}`), "/shop-b:1/json": broken("manifest unknown", 500),
		"/shop-c:1/json": broken("unauthorized: authentication required", 403), "/shop-d:1/json": broken("dial tcp 10.0.0.1:443: connect: connection refused", 500),
		"/shop-a/push": says(`{"status":"The push refers to"}`, `{"status":"Pushed","id":"x"}`, `{"aux":{"Tag":"1","Digest":"sha256:aa","Size":1}}`),
		"/shop-b/push": says(`{"errorDetail":{"message":"denied: requested access to the resource is denied"},"error":"x"}`),
		"/shop-c/push": says(`{"errorDetail":{"message":"unexpected EOF"},"error":"x"}`), "/shop-d/push": says(`{"status":"x"}`),
	})
	if digest, there, err := d.Digest(t.Context(), reference); digest != "sha256:aa" || !there || err != nil {
		t.Error(digest, there, err)
	}
	if _, there, err := d.Digest(t.Context(), "r.example.com/shop-b:1"); there || err != nil {
		t.Error(there, err)
	}
	if digest, err := d.Push(t.Context(), reference, io.Discard); digest != "sha256:aa" || err != nil {
		t.Error(digest, err)
	}
	push := func(name string) error { _, err := d.Push(t.Context(), name, io.Discard); return err }
	ask := func(name string) error { _, _, err := d.Digest(t.Context(), name); return err }
	for name, test := range map[string]struct {
		err        error
		what, next string
	}{
		"asking unauthorised":  {ask("r.example.com/shop-c:1"), "the registry refuses asking for", "docker login r.example.com"},
		"asking one down":      {ask("r.example.com/shop-d:1"), "asking for r.example.com/shop-d:1 failed", "is the registry up"},
		"pushing unauthorised": {push("r.example.com/shop-b:1"), "the registry refuses pushing", "docker login r.example.com"},
		"pushing breaks off":   {push("r.example.com/shop-c:1"), "pushing r.example.com/shop-c:1 failed", "what was uploaded is kept"},
		"no digest":            {push("r.example.com/shop-d:1"), "pushing r.example.com/shop-d:1 failed", "run the same command again"},
		"a name that is none":  {push("R.example.com/Shop:1"), "no image can have the name", "image.registry"},
	} {
		f, ok := errors.AsType[*fault.Error](test.err)
		if !ok || f.Code != fault.Image || !strings.HasPrefix(f.What, test.what) || !strings.Contains(strings.ToLower(f.Next), strings.ToLower(test.next)) {
			t.Errorf("%s: %#v", name, test.err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for host, why := range map[string]string{"unix:///no/such.sock": "no daemon listens there", "tcp://127.0.0.1:1": "no daemon listens there"} {
		_, err := Connect(t.Context(), []string{"DOCKER_HOST=" + host, "HOME=" + t.TempDir()})
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Image || f.Why != why || !strings.Contains(f.Next, "DOCKER_HOST") {
			t.Errorf("%s: %#v", host, err)
		}
	}
	denied := unreachable("unix:///x", errors.New("dial unix /x: connect: permission denied"))
	if f, ok := errors.AsType[*fault.Error](denied); !ok || !strings.Contains(f.Next, "group docker") {
		t.Errorf("%#v", denied)
	}
}

// TestSettings reads Docker's own configuration: contexts, and credentials from the file and from a helper.
func TestSettings(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("colima"))
	home := folderOf(t, map[string]string{
		".docker/contexts/meta/" + hex.EncodeToString(sum[:]) + "/meta.json": `{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///colima.sock"}}}`,
		".docker/config.json": `{"auths":{"r.example.com":{"auth":"YW5uYTpzZWNyZXQ="}},"currentContext":"colima"}`,
	})
	s := readSettings([]string{"HOME=" + home})
	if s.host != "unix:///colima.sock" {
		t.Error(s.host)
	}
	if s := readSettings([]string{"HOME=" + home, "DOCKER_HOST=tcp://x:1"}); s.host != "tcp://x:1" {
		t.Error(s.host)
	}
	auth, err := s.credentials().encoded("r.example.com/a:1")
	if err != nil || auth == "" {
		t.Error(auth, err)
	}
	if none, err := s.credentials().encoded("other.example.com/a:1"); err != nil || none == auth {
		t.Error(none, err)
	}
	if diff := cmp.Diff(1, len(s.credentials().all())); diff != "" {
		t.Error(diff)
	}
}

// ending is a log that ends the work when a text comes by.
type ending struct {
	at  string
	end func()
}

func (e ending) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(e.at)) {
		e.end()
	}
	return len(p), nil
}

// interrupted is a build of two steps that is broken off in the second.
func interrupted(t *testing.T, second string, answers map[string]http.HandlerFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	answers["/build"] = func(w http.ResponseWriter, r *http.Request) {
		says(`{"stream":"Step 1/2 : RUN x\n"}`, `{"stream":" ---\u003e abcdef012345\n"}`, `{"stream":"Step 2/2 : `+second+`\n"}`, "")(w, r)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	if _, err := daemon(t, answers).Build(ctx, specOf(t, map[string]string{"a": "1"}), ending{"Step 2/2", cancel}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What a build has made before it is broken off is taken away.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	removed := make(chan string, 1)
	interrupted(t, "RUN y", map[string]http.HandlerFunc{
		"/images/abcdef012345": func(w http.ResponseWriter, r *http.Request) {
			removed <- r.Method
			says("[]")(w, r)
		},
	})
	if method := <-removed; method != http.MethodDelete {
		t.Errorf("the layer got a %s", method)
	}
}

// The daemon copies to the end before it notices that nobody wants the image any more; the layer that comes of it is waited for. A layer that an
// earlier build has left there is not that one.
func TestInterruptedCopy(t *testing.T) {
	t.Parallel()
	var asked, removed atomic.Int32
	const earlier = `{"Id":"sha256:early","ParentId":"sha256:abcdef0123456789","Created":1}`
	interrupted(t, "COPY a b", map[string]http.HandlerFunc{
		"/images/json": func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) < 7 {
				says("["+earlier+"]")(w, r)
				return
			}
			says(fmt.Sprintf(`[%s,{"Id":"sha256:late","ParentId":"sha256:abcdef0123456789","Created":%d},{"Id":"sha256:other","ParentId":"sha256:0"}]`, earlier, time.Now().Unix()))(w, r)
		},
		"/images/sha256:late": func(w http.ResponseWriter, r *http.Request) {
			removed.Add(1)
			says("[]")(w, r)
		},
	})
	if asked.Load() != 7 || removed.Load() != 1 {
		t.Errorf("asked %d times, removed %d layers", asked.Load(), removed.Load())
	}
}
