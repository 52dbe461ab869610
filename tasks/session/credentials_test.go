package session

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// trial is one command: what the repository says, what stands outside of it, and what becomes of the credentials. In all texts PLAIN and SAFE
// are the ports of this machine, KEY, AUTH and HEAD the trial's own credentials, CA the file with the authority's certificate.
type trial struct {
	env     string // dev when empty
	server  string // server.url in the environment's file; none when empty
	environ []string
	profile string // the active one
	files   map[string]string
	want    string // key, auth, head: what arrives; none; or why all is refused
}

// The words by which trials tell why credentials are refused.
var refusedFor = map[string]string{
	"unnamed": "stands in the repository only", "plain": "by plain http", "loose": "which certificates are good", "unreadable": "not every program makes the same host",
}

const (
	cloudServer = "https://api.prefect.cloud/api/accounts/a/workspaces/b"
	team        = "https://prefect.example.com/api"
	key         = "PREFECT_API_KEY=KEY"
	auth        = "PREFECT_API_AUTH_STRING=AUTH"
	head        = `PREFECT_CLIENT_CUSTOM_HEADERS={"X-Gate": "HEAD"}`
	headAuth    = `{"X-Gate": "HEAD"}`
)

func trials() map[string]trial {
	of := func(environ ...string) []string { return environ }
	staging := func(server, want string, environ ...string) trial {
		return trial{env: "staging", server: server, environ: environ, want: want}
	}
	return map[string]trial{
		// Prefect Cloud.
		"key, Cloud in the file":                          staging(cloudServer, "key", key),
		"own key, Cloud in the file":                      staging(cloudServer, "key", "FLOWMAGE_STAGING_API_KEY=KEY"),
		"key of another environment":                      staging(cloudServer, "none", "FLOWMAGE_PROD_API_KEY=KEY"),
		"auth string, Cloud in the file":                  staging(cloudServer, "none", auth),
		"key and auth string, Cloud in the file":          staging(cloudServer, "key", key, auth),
		"key and auth string, Cloud named":                staging(cloudServer, "key", key, auth, "FLOWMAGE_CREDENTIALS_FOR=api.prefect.cloud"),
		"key and auth string, Cloud beside":               {environ: of(key, auth, "PREFECT_API_URL="+cloudServer), want: "key"},
		"headers, Cloud in the file":                      staging(cloudServer, "unnamed", head),
		"key and headers, Cloud in the file":              staging(cloudServer, "unnamed", key, head),
		"key and headers, Cloud named":                    staging(cloudServer, "key head", key, head, "FLOWMAGE_CREDENTIALS_FOR=api.prefect.cloud"),
		"key beside another address, Cloud in the file":   staging(cloudServer, "key", key, "PREFECT_API_URL="+team),
		"key of a Cloud profile, Cloud in the file":       {env: "staging", server: cloudServer, profile: "PREFECT_API_URL = \"https://api.prefect.cloud/api/accounts/a/workspaces/c\"\nPREFECT_API_KEY = \"KEY\"", want: "key"},
		"Cloud by plain http":                             {environ: of(key, "PREFECT_API_URL=http://api.prefect.cloud/api/accounts/a/workspaces/b"), want: "plain"},
		"Cloud in capitals":                               staging("https://API.PREFECT.CLOUD/x/api", "key", key),
		"Cloud as the beginning of a name":                staging("https://api.prefect.cloud.example.com/api", "unnamed", key),
		"Cloud as the end of a name":                      staging("https://notapi.prefect.cloud/api", "unnamed", key),
		"Cloud behind a dash":                             staging("https://my-api.prefect.cloud/api", "unnamed", key),
		"Cloud below a name":                              staging("https://x.api.prefect.cloud/api", "unnamed", key),
		"Cloud with a dot at the end":                     staging("https://api.prefect.cloud./api", "unreadable", key),
		"Cloud on another port":                           staging("https://api.prefect.cloud:8443/x/api", "unnamed", key),
		"Cloud on its own port":                           staging("https://api.prefect.cloud:443/x/api", "key", key),
		"Cloud in the path":                               staging("https://thief.example.com/api.prefect.cloud/api", "unnamed", key),
		"Cloud with letters that look alike":              staging("https://api.prefect.clоud/api", "unreadable", key),
		"Cloud with letters that become it":               staging("https://api.prefect.ⅽloud/api", "unreadable", key),
		"the pages' host":                                 staging("https://app.prefect.cloud.example.com/api", "unnamed", key),
		"a user in front":                                 {environ: of(key, "PREFECT_API_URL=https://api.prefect.cloud@thief.example.com/api"), want: "usage"},
		"Cloud, verification off outside":                 staging(cloudServer, "key", key, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true"),
		"Cloud, a CA of the repository's":                 {env: "staging", server: cloudServer, environ: of(key, "PREFECT_API_SSL_CERT_FILE=certs/ca.pem"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, the usual CA's name leads into the tree":  {env: "staging", server: cloudServer, environ: of(key, "SSL_CERT_FILE=certs/ca.pem"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, the usual CA beside another address":      {env: "staging", server: cloudServer, environ: of(key, "PREFECT_API_URL="+team, "SSL_CERT_FILE=certs/ca.pem"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, two CAs and the usual one in the tree":    {env: "staging", server: cloudServer, environ: of(key, "PREFECT_API_SSL_CERT_FILE=/ca.pem", "SSL_CERT_FILE=certs/ca.pem"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, a folder of CAs in the tree":              {env: "staging", server: cloudServer, environ: of(key, "SSL_CERT_DIR=certs"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, one of several folders in the tree":       {env: "staging", server: cloudServer, environ: of(key, "PREFECT_API_URL="+team, "SSL_CERT_DIR=/etc/ssl/certs"+string(filepath.ListSeparator)+"ROOT/certs"), files: map[string]string{"certs/ca.pem": "CA"}, want: "loose"},
		"Cloud, the tree itself as a folder of CAs":       {env: "staging", server: cloudServer, environ: of(key, "SSL_CERT_DIR=ROOT"), files: map[string]string{"ca.pem": "CA"}, want: "loose"},
		"Cloud, a folder of CAs outside":                  staging(cloudServer, "key", key, "SSL_CERT_DIR=/etc/ssl/certs"),
		"Cloud, a CA of the repository's and no secrets":  {env: "staging", server: cloudServer, environ: of("PREFECT_API_SSL_CERT_FILE=certs/ca.pem"), files: map[string]string{"certs/ca.pem": "CA"}, want: "none"},
		"Cloud, the repository's profile switches it off": {env: "staging", server: cloudServer, environ: of(key, "PREFECT_PROFILES_PATH=ROOT/profiles.toml"), files: map[string]string{"profiles.toml": "active = 'x'\n[profiles.x]\nPREFECT_API_TLS_INSECURE_SKIP_VERIFY = true"}, want: "loose"},

		// The usual CI job: a credential among its secrets, the address in a file.
		"key, address in the file":                 staging(team, "unnamed", key),
		"auth string, address in the file":         staging(team, "unnamed", auth),
		"headers, address in the file":             staging(team, "unnamed", head),
		"own key, address in the file":             staging(team, "unnamed", "FLOWMAGE_STAGING_API_KEY=KEY"),
		"own auth string, address in the file":     staging(team, "unnamed", "FLOWMAGE_STAGING_AUTH_STRING=AUTH"),
		"own headers, address in the file":         staging(team, "unnamed", "FLOWMAGE_STAGING_HEADERS="+headAuth),
		"an address that names only the pages":     staging(team, "unnamed", auth, "FLOWMAGE_SERVER__UI=https://prefect.example.com"),
		"no credential":                            staging(team, "none"),
		"named host":                               staging(team, "key", key, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com"),
		"named host among others":                  staging(team, "auth", auth, "FLOWMAGE_CREDENTIALS_FOR=a.example.com, PREFECT.example.com"),
		"named host and port":                      staging("https://prefect.example.com:4200/api", "auth", auth, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com:4200"),
		"named origin":                             staging(team, "head", head, "FLOWMAGE_CREDENTIALS_FOR=https://prefect.example.com"),
		"named host, another port":                 staging("https://prefect.example.com:4200/api", "unnamed", auth, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com"),
		"named port, the usual one":                staging(team, "unnamed", auth, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com:4200"),
		"named host, one below it":                 staging("https://x.prefect.example.com/api", "unnamed", auth, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com"),
		"named host, one above it":                 staging("https://example.com/api", "unnamed", auth, "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com"),
		"a wildcard":                               staging(team, "usage", auth, "FLOWMAGE_CREDENTIALS_FOR=*.example.com"),
		"a named path":                             staging(team, "usage", auth, "FLOWMAGE_CREDENTIALS_FOR=https://prefect.example.com/api"),
		"named http, https in the file":            staging(team, "unnamed", auth, "FLOWMAGE_CREDENTIALS_FOR=http://prefect.example.com"),
		"named, http in the file":                  staging("http://prefect.example.com/api", "plain", auth, "FLOWMAGE_CREDENTIALS_FOR=http://prefect.example.com"),
		"the variable names the server":            {env: "staging", server: "https://old.example.com/api", environ: of(key, "FLOWMAGE_SERVER__URL="+team), want: "key"},
		"the variable names all of the server":     {env: "staging", environ: of(auth, "FLOWMAGE_SERVER={url: '"+team+"'}"), want: "auth"},
		"own, and the variable names the server":   {env: "staging", environ: of("FLOWMAGE_STAGING_AUTH_STRING=AUTH", "FLOWMAGE_SERVER__URL="+team), want: "auth"},
		"own takes the place of both general ones": {env: "staging", environ: of("PREFECT_API_AUTH_STRING=other", "FLOWMAGE_STAGING_API_KEY=KEY", "FLOWMAGE_SERVER__URL="+team), want: "key"},
		"own of an environment with a dash":        {env: "eu-west", server: team, environ: of("FLOWMAGE_EU_WEST_AUTH_STRING=AUTH", "FLOWMAGE_CREDENTIALS_FOR=prefect.example.com"), want: "auth"},

		// Prefect's own address beside the credential.
		"address and key in the environment, dev":            {environ: of(key, "PREFECT_API_URL="+team), want: "key"},
		"the same address in the file":                       staging(team, "auth", auth, "PREFECT_API_URL="+team),
		"the same address spelled otherwise":                 staging(team, "auth", auth, "PREFECT_API_URL=HTTPS://Prefect.Example.com:443/other/api/"),
		"the same host on another port":                      staging("https://prefect.example.com:4200/api", "none", auth, "PREFECT_API_URL="+team),
		"another host":                                       staging("https://thief.example.com/api", "none", key, auth, head, "PREFECT_API_URL="+team),
		"another host, and it is named":                      staging("https://other.example.com/api", "auth", auth, "PREFECT_API_URL="+team, "FLOWMAGE_CREDENTIALS_FOR=other.example.com"),
		"another host in the variable":                       {env: "staging", environ: of(auth, "PREFECT_API_URL="+team, "FLOWMAGE_SERVER__URL=https://other.example.com/api"), want: "none"},
		"the http twin":                                      staging("http://prefect.example.com/api", "none", auth, "PREFECT_API_URL="+team),
		"the http twin on one port":                          staging("http://127.0.0.1:PLAIN/api", "none", auth, "PREFECT_API_URL=https://127.0.0.1:PLAIN/api"),
		"own credential, and the general address names it":   staging(team, "auth", "FLOWMAGE_STAGING_AUTH_STRING=AUTH", "PREFECT_API_URL="+team),
		"own credential, and the general address is another": staging(team, "unnamed", "FLOWMAGE_STAGING_AUTH_STRING=AUTH", "PREFECT_API_URL=https://other.example.com/api"),

		// Profiles.
		"profile, dev":                                  {profile: "PREFECT_API_URL = '" + team + "'\nPREFECT_API_AUTH_STRING = 'AUTH'", want: "auth"},
		"profile, its address in the file":              {env: "staging", server: team, profile: "PREFECT_API_URL = '" + team + "'\nPREFECT_API_KEY = 'KEY'", want: "key"},
		"profile, another address in the file":          {env: "staging", server: "https://thief.example.com/api", profile: "PREFECT_API_URL = '" + team + "'\nPREFECT_API_KEY = 'KEY'", want: "none"},
		"profile, another address in the variable":      {environ: of("PREFECT_API_URL=https://other.example.com/api"), profile: "PREFECT_API_URL = '" + team + "'\nPREFECT_API_AUTH_STRING = 'AUTH'", want: "none"},
		"profile without address":                       {env: "staging", server: team, profile: "PREFECT_API_KEY = 'KEY'", want: "unnamed"},
		"profile without address, Cloud":                {env: "staging", server: cloudServer, profile: "PREFECT_API_KEY = 'KEY'", want: "key"},
		"key in the environment, the profile's address": {environ: of(key), profile: "PREFECT_API_URL = '" + team + "'", want: "key"},
		"the repository's profile, its own":             {environ: of("PREFECT_PROFILES_PATH=ROOT/profiles.toml"), files: map[string]string{"profiles.toml": "active = 'x'\n[profiles.x]\nPREFECT_API_URL = '" + team + "'\nPREFECT_API_KEY = 'KEY'"}, want: "key"},
		"the repository's profile, a key from outside":  {environ: of(key, "PREFECT_PROFILES_PATH=ROOT/profiles.toml"), files: map[string]string{"profiles.toml": "active = 'x'\n[profiles.x]\nPREFECT_API_URL = '" + team + "'"}, want: "unnamed"},

		// This machine, and what only looks like it.
		"loopback, address in the file":  staging("http://127.0.0.1:PLAIN/api", "unnamed", auth),
		"loopback, named":                staging("http://127.0.0.1:PLAIN/api", "auth", auth, "FLOWMAGE_CREDENTIALS_FOR=127.0.0.1:PLAIN"),
		"loopback by https, named":       staging("https://127.0.0.1:SAFE/api", "auth head", auth, head, "FLOWMAGE_CREDENTIALS_FOR=127.0.0.1:SAFE"),
		"loopback, beside":               {environ: of(auth, "PREFECT_API_URL=http://127.0.0.1:PLAIN/api"), want: "auth"},
		"localhost, beside":              {environ: of(auth, "PREFECT_API_URL=http://localhost:PLAIN/api"), want: "auth"},
		"another name of loopback":       staging("http://127.0.0.1:PLAIN/api", "none", auth, "PREFECT_API_URL=http://localhost:PLAIN/api"),
		"a name below localhost":         {environ: of(auth, "PREFECT_API_URL=http://x.localhost:PLAIN/api"), want: "plain"},
		"a name that begins like it":     {environ: of(auth, "PREFECT_API_URL=http://localhost.example.com/api"), want: "plain"},
		"an address that begins like it": {environ: of(auth, "PREFECT_API_URL=http://127.0.0.1.example.com/api"), want: "plain"},
		"all addresses":                  {environ: of(auth, "PREFECT_API_URL=http://0.0.0.0:PLAIN/api"), want: "plain"},
		"a zone":                         {environ: of(auth, "PREFECT_API_URL=http://[::1%25lo]:PLAIN/api"), want: "unreadable"},
		"a private network":              {environ: of(auth, "PREFECT_API_URL=http://10.0.0.7:4200/api"), want: "plain"},
		"http, beside":                   {environ: of(auth, "PREFECT_API_URL=http://prefect.example.com/api"), want: "plain"},
		"http, and nothing secret":       {environ: of("PREFECT_API_URL=http://prefect.example.com/api"), want: "none"},

		// Servers that send us elsewhere.
		"a redirect":                 {environ: of(key, auth, head, "PREFECT_API_URL=https://moved.example.com/api"), want: "auth head"},
		"a redirect to http":         {environ: of(auth, head, "PREFECT_API_URL=https://downgraded.example.com/api"), want: "auth head"},
		"a redirect of this machine": {environ: of(auth, head, "PREFECT_API_URL=http://127.0.0.1:PLAIN/moved/api"), want: "auth head"},

		// The embedded server is nobody else's.
		"key, embedded":     {environ: of(key), want: "embedded"},
		"own key, embedded": {environ: of("FLOWMAGE_DEV_API_KEY=KEY", head, auth), want: "embedded"},
	}
}

// Credentials go where the rule says, and nowhere else: by requests, streams, the page of another address, and to Prefect's own programs.
func TestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number := 0
	for name, c := range trials() {
		number++
		id := fmt.Sprintf("%03d", number)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, w, id)
		})
	}
}

func (c trial) run(t *testing.T, w *world, id string) {
	given := map[string]string{"key": "pnu_" + id, "auth": "me:word" + id, "head": "gate" + id}
	s, said := c.session(t, w, given)
	env, findings, err := s.Settings(t.Context(), c.env, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code == "variable-unknown" {
			t.Error(f)
		}
	}
	at, err := s.Locate(env)
	refusal := refusedFor[c.want]
	switch {
	case c.want == "usage":
		if fault.CodeOf(err) != fault.Usage {
			t.Errorf("got %v", err)
		}
		return
	case refusal != "":
		if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), refusal) {
			t.Fatalf("got %v", err)
		}
		c.silent(t, err.Error(), given)
		return
	case err != nil:
		t.Fatal(err)
	case c.want == "embedded":
		if at.Embedded == nil || len(ProgramEnviron(s, at.Options)) > 0 {
			t.Errorf("the embedded server would get %+v", at.Options)
		}
		return
	}
	c.ask(t, w, at)
	want := map[string][]string{}
	for word := range strings.FieldsSeq(strings.ReplaceAll(c.want, "none", "")) {
		want[word] = []string{originOf(t, at.Options.URL)}
	}
	for word, secret := range given {
		if diff := gocmp.Diff(want[word], w.got(secret)); diff != "" {
			t.Errorf("%s arrived otherwise (-want +got):\n%s", word, diff)
		}
	}
	for word, variable := range map[string]string{"key": "PREFECT_API_KEY=", "auth": "PREFECT_API_AUTH_STRING=", "head": "PREFECT_CLIENT_CUSTOM_HEADERS="} {
		handed := slices.ContainsFunc(ProgramEnviron(s, at.Options), func(pair string) bool { return strings.HasPrefix(pair, variable) })
		if handed != (want[word] != nil || word == "key" && at.Options.APIKey != "") {
			t.Errorf("Prefect's programs get %v", ProgramEnviron(s, at.Options))
		}
	}
	for _, warning := range at.Warnings {
		s.Console.Warn("%s", warning)
	}
	c.silent(t, said.String(), given)
}

// silent checks that nothing secret was said.
func (c trial) silent(t *testing.T, said string, given map[string]string) {
	t.Helper()
	for _, secret := range given {
		if strings.Contains(said, secret) {
			t.Errorf("it says %s", said)
		}
	}
}

// originOf gives scheme, host and port as a server sees them.
func originOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":443")
}

// session makes the repository and what is around it.
func (c trial) session(t *testing.T, w *world, given map[string]string) (*Session, *bytes.Buffer) {
	t.Helper()
	root, home := t.TempDir(), t.TempDir()
	fill := strings.NewReplacer("PLAIN", after(w.plain), "SAFE", after(w.safe), "ROOT", root, "=KEY", "="+given["key"], "'KEY'", "'"+given["key"]+"'",
		`"KEY"`, `"`+given["key"]+`"`, "=AUTH", "="+given["auth"], "'AUTH'", "'"+given["auth"]+"'", "HEAD\"", given["head"]+`"`).Replace
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(fill(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name := cmp.Or(c.env, "dev")
	write(filepath.Join(root, "envs/base.yaml"), "project: shop\ncode: {directory: /srv/shop}\n")
	settings := ""
	if c.server != "" {
		settings = "server:\n  url: " + c.server + "\n"
	}
	write(filepath.Join(root, "envs", name+".yaml"), settings)
	for file, text := range c.files {
		if text == "CA" {
			data, err := os.ReadFile(w.ca)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		write(filepath.Join(root, file), text)
	}
	if c.profile != "" {
		write(filepath.Join(home, ".prefect", "profiles.toml"), "active = 'mine'\n[profiles.mine]\n"+c.profile+"\n")
	}
	var said bytes.Buffer
	s := &Session{Root: root, Environ: []string{"HOME=" + home}, Console: console.New(&said, &said), Git: git.Open(root)}
	for _, pair := range c.environ {
		s.Environ = append(s.Environ, fill(pair))
	}
	return s, &said
}

func after(address string) string { return address[strings.LastIndex(address, ":")+1:] }

// ask talks to the server by every way that the client has.
func (c trial) ask(t *testing.T, w *world, at Location) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	at.Options.Proxy = w.through
	at.Options.CAFile = w.ca
	api, err := prefect.New(at.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	if proxy, err := api.Proxy(); err != nil || proxy != nil && api.Address().Scheme == "http" && at.Options.AuthString != "" {
		t.Errorf("through the proxy %s, %v", proxy, err)
	}
	reached := api.Health(ctx) == nil
	_, _ = api.WorkPools(ctx)
	_, _ = api.Version(ctx)
	_, _ = api.UISettings(ctx)
	stream := api.Follow(ctx, "00000000-0000-0000-0000-000000000000")
	if reached {
		select {
		case <-stream.Stirred:
		case <-ctx.Done():
			t.Error("the stream stays silent")
		}
	}
	other, err := api.Elsewhere("https://pages.example.com/api", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Health(ctx); err != nil {
		t.Error(err)
	}
	for _, address := range []string{"https://pages.example.com/deployments", "https://moved.example.com/deployments"} {
		page, err := api.Browser().Get(address)
		if err != nil {
			t.Error(err)
			continue
		}
		_ = page.Body.Close()
	}
	origin := originOf(t, api.URL())
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked[origin] == 0 {
		t.Errorf("nobody asked %s: %v", origin, w.asked)
	}
}

// A file is the repository's when it lies in the work tree, whichever name it is called by, and when the way to it is the repository's.
func TestPlaces(t *testing.T) {
	t.Parallel()
	tree, outside := t.TempDir(), t.TempDir()
	for _, folder := range []string{"shop/certs", ".git"} {
		if err := os.MkdirAll(filepath.Join(tree, folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{filepath.Join(tree, "shop/certs/ca.pem"), filepath.Join(tree, "ca.pem"), filepath.Join(outside, "ca.pem")} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		filepath.Join(outside, "in.pem"): filepath.Join(tree, "ca.pem"), filepath.Join(tree, "shop/out.pem"): filepath.Join(outside, "ca.pem"), filepath.Join(outside, "tree"): tree,
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err) // not everybody may, on Windows
		}
	}
	s := &Session{Root: filepath.Join(tree, "shop")}
	for file, want := range map[string]credential.Place{
		"":                                    credential.Outside,
		filepath.Join(outside, "ca.pem"):      credential.Outside,
		filepath.Join(outside, "missing.pem"): credential.Outside,
		"certs/ca.pem":                        credential.Repository,
		"certs/missing.pem":                   credential.Repository,
		"../ca.pem":                           credential.Repository,
		filepath.Join(tree, "ca.pem"):         credential.Repository,
		filepath.Join(tree, "shop/out.pem"):   credential.Repository,
		filepath.Join(outside, "in.pem"):      credential.Repository,
		filepath.Join(outside, "tree/ca.pem"): credential.Repository,
		filepath.Join(outside, "tree"):        credential.Repository,
		tree:                                  credential.Repository,
		outside:                               credential.Outside,
	} {
		if got := placeOf(s.Root, file); got != want {
			t.Errorf("%s: %v, want %v", file, got, want)
		}
	}
}

// The CA of another address's server is not used, which is told with the line that has this one's certificate believed.
func TestCAOfAnotherServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := trial{env: "staging", server: "https://127.0.0.1:SAFE/api", environ: []string{"PREFECT_API_URL=" + team, "PREFECT_API_SSL_CERT_FILE=" + w.ca, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true"}}
	ask := func(more ...string) (said string, err error) {
		c := c
		c.environ = append(slices.Clone(c.environ), more...)
		s, _ := c.session(t, w, nil)
		env, _, err := s.Settings(t.Context(), c.env, nil)
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Locate(env)
		if err != nil {
			t.Fatal(err)
		}
		api, err := prefect.New(at.Options)
		if err != nil {
			t.Fatal(err)
		}
		defer api.Close()
		return strings.Join(at.Warnings, "\n"), api.Health(t.Context())
	}
	said, err := ask()
	f, _ := errors.AsType[*fault.Error](err)
	if f == nil || f.Next != "let SSL_CERT_FILE name the CA's certificate (PEM)" {
		t.Errorf("got %v", err)
	}
	_, line, _ := strings.Cut(said, "and is not used for https://"+w.safe+"/api; ")
	line, _, _ = strings.Cut(line, " ")
	if !strings.Contains(said, "the certificate of https://"+w.safe+"/api is verified") {
		t.Errorf("it says\n%s", said)
	}
	if said, err = ask(line); err != nil || strings.Contains(said, "SSL_CERT_FILE (") {
		t.Errorf("the line %q does not help: %v\n%s", line, err, said)
	}
}
