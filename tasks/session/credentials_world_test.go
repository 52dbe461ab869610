package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// world is all servers that there are: every host name leads to it by a proxy, and two real ports of this machine. It answers as Prefect does
// and remembers where which credentials have arrived.
type world struct {
	ca          string // the certificate of who signs for all hosts, as a file
	proxy       *url.URL
	plain, safe string // real listeners: host:port

	authority tls.Certificate
	root      *x509.Certificate
	mu        sync.Mutex
	arrived   map[string]map[string]bool // by credential: the origins that got it
	asked     map[string]int             // requests by origin
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{arrived: map[string]map[string]bool{}, asked: map[string]int{}}
	w.certify(t)
	listen := func(serve func(net.Listener)) string {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go serve(l)
		return l.Addr().String()
	}
	w.plain = listen(func(l net.Listener) { _ = http.Serve(l, w.site("http", "")) })
	w.safe = listen(func(l net.Listener) { w.serveTLS(l, "127.0.0.1", "") })
	w.proxy = &url.URL{Scheme: "http", Host: listen(func(l net.Listener) { _ = http.Serve(l, http.HandlerFunc(w.forward)) })}
	return w
}

// certify makes the CA.
func (w *world) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "everybody"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	w.authority = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if w.root, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	w.ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificate signs for a host.
func (w *world) certificate(host string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{host},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, w.root, &key.PublicKey, w.authority.PrivateKey)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (w *world) serveTLS(l net.Listener, host, origin string) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.certificate(host) }}
	_ = http.Serve(tls.NewListener(l, config), w.site("https", origin))
}

// forward is the proxy: it leads to the world whatever is asked for.
func (w *world) forward(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.site("http", r.URL.Host).ServeHTTP(out, r)
		return
	}
	conn, _, err := out.(http.Hijacker).Hijack() //nolint:forcetypeassert // it is one
	if err != nil {
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	host, port, _ := net.SplitHostPort(r.Host)
	if port == "443" {
		r.Host = host
	}
	w.serveTLS(&single{conn: conn}, host, r.Host)
}

// single is a listener of one connection.
type single struct {
	conn net.Conn
	once sync.Once
}

func (s *single) Accept() (c net.Conn, err error) {
	err = net.ErrClosed
	s.once.Do(func() { c, err = s.conn, nil })
	return c, err
}

func (s *single) Close() error { return nil }

func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

// site is one host. Those called moved… send everybody to another one.
func (w *world) site(scheme, host string) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		at := host
		if at == "" {
			at = r.Host
		}
		origin := scheme + "://" + at
		w.note(origin, r.Header)
		switch {
		case strings.HasPrefix(at, "moved.") || strings.HasPrefix(r.URL.Path, "/moved/"):
			http.Redirect(out, r, "https://thief.example.com/api"+r.URL.Path, http.StatusTemporaryRedirect)
		case strings.HasPrefix(at, "downgraded."):
			http.Redirect(out, r, "http://"+at+r.URL.Path, http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/events/out"):
			w.tell(origin, out, r)
		default:
			out.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(out, answerTo(r.URL.Path))
		}
	})
}

func answerTo(path string) string {
	switch {
	case strings.HasSuffix(path, "/health"):
		return "true"
	case strings.HasSuffix(path, "/admin/version"):
		return `"3.8.8"`
	case strings.HasSuffix(path, "/ui-settings"):
		return `{"api_url": "https://elsewhere.example.com/api"}`
	default:
		return "[]"
	}
}

// tell is a stream: credentials come in a message.
func (w *world) tell(origin string, out http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(out, r, &websocket.AcceptOptions{Subprotocols: []string{"prefect"}})
	if err != nil {
		return
	}
	defer conn.CloseNow() //nolint:errcheck // nothing is left to say
	var said struct {
		Token string `json:"token"`
	}
	if wsjson.Read(r.Context(), conn, &said) != nil {
		return
	}
	w.note(origin, http.Header{"Authorization": {"Token " + said.Token}})
	if wsjson.Write(r.Context(), conn, map[string]string{"type": "auth_success"}) != nil {
		return
	}
	_, _, _ = conn.Read(r.Context()) // what is asked for
	_, _, _ = conn.Read(r.Context()) // until the other side goes
}

// note remembers every word of a request that may be a credential.
func (w *world) note(origin string, h http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[origin]++
	for _, values := range h {
		for word := range strings.FieldsSeq(strings.Join(values, " ")) {
			if plain, err := base64.StdEncoding.DecodeString(word); err == nil {
				word = string(plain)
			}
			if w.arrived[word] == nil {
				w.arrived[word] = map[string]bool{}
			}
			w.arrived[word][origin] = true
		}
	}
}

// got gives the origins at which a credential has arrived.
func (w *world) got(credential string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.arrived[credential]))
}

// through leads all but this machine's own addresses to the world.
func (w *world) through(r *http.Request) (*url.URL, error) {
	if host := r.URL.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
		return nil, nil //nolint:nilnil // no proxy
	}
	return w.proxy, nil
}
