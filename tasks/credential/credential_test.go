package credential_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://prefect.example.com/api":     "https://prefect.example.com",
		"HTTPS://Prefect.Example.COM:443/api": "https://prefect.example.com",
		"http://prefect:80":                   "http://prefect",
		"http://my_host:4200/api/":            "http://my_host:4200",
		"https://[::1]:4200/api":              "https://[::1]:4200",
		"https://[0:0::1]/api":                "https://[::1]",
		"http://127.0.0.1:4200/api?x":         "http://127.0.0.1:4200",
	} {
		o, ok := credential.OriginOf(address)
		if !ok || o.String() != want {
			t.Errorf("%q is %q, %v; want %q", address, o, ok, want)
		}
	}
	for _, address := range []string{
		"", "prefect.example.com", "ftp://prefect.example.com", "https://", "https:///api", "https://me@prefect.example.com", "https://me:word@prefect.example.com/api",
		"https://api.prefect.cloud@thief.example.com/api", "https://prefect.example.com./api", "https://.example.com", "https://prefect.example.com:/api",
		"https://prefect.example.com:0/api", "https://prefect.example.com:0443/api", "https://prefect.example.com:99999/api", "https://prefect.example.com:44x/api",
		"https://prefect.example.com?x", "https://prefect.example.com#x", `https://prefect.example.com\@thief.example.com/api`, "https://prefect.example.com\\.thief.example.com",
		"https://prefect.éxample.com/api", "https://prefect.example。com/api", "https://prefect%2eexample.com/api", "https://[::1%25lo]/api", "https://[fe80::1%eth0]/api",
		"https://[::1/api", "https://::1/api", "https://[127.0.0.1]/api", "https://pre fect/api", "https://prefect\t.example.com/api", "https://prefect.example.com/a b",
		"https://prefect.example.com\n.thief.example.com/api", "//prefect.example.com/api", "https:prefect.example.com/api", "https:/prefect.example.com/api", "https://prefect.example.com/%zz",
	} {
		if o, ok := credential.OriginOf(address); ok {
			t.Errorf("%q is taken for %s", address, o)
		}
	}
	for address, want := range map[string]bool{
		"http://127.0.0.1": true, "http://127.255.0.9": true, "http://[::1]": true, "http://localhost:4200": true, "http://LOCALHOST": true,
		"http://localhost.example.com": false, "http://x.localhost": false, "http://127.0.0.1.example.com": false, "http://0.0.0.0": false, "http://[::]": false,
		"http://127.1": false, "http://2130706433": false, "http://0x7f.0.0.1": false, "http://[::ffff:127.0.0.1]": false, "http://10.0.0.1": false, "http://128.0.0.1": false,
	} {
		if o, ok := credential.OriginOf(address); !ok || o.Loopback() != want || o.Exposed() == want {
			t.Errorf("%q: this machine is %v", address, o.Loopback())
		}
	}
	for a, b := range map[string]string{"localhost": "127.0.0.1", "LocalHost": "::1", "A.example": "a.EXAMPLE"} {
		if credential.Machine(a) != credential.Machine(b) {
			t.Errorf("%s and %s are two machines", a, b)
		}
	}
	if credential.Machine("localhost") == credential.Machine("localhost.example.com") {
		t.Error("a name that begins like this machine's is this machine")
	}
	if o, ok := credential.OriginOf(" https://a.example/api\n"); !ok || o.String() != "https://a.example" {
		t.Errorf("blanks around an address count: %q", o)
	}
	if !credential.Same("https://a/api", "https://A:443/other") || credential.Same("https://a/api", "http://a/api") || credential.Same("https://a/api", "https://a:444/api") ||
		!credential.Same("https://é/api", "https://é/api") || credential.Same("https://é/api", "https://é:443/api") {
		t.Error("addresses are compared otherwise")
	}
}

func TestNamedHosts(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]map[string]bool{
		"":                            {"https://a.example": false},
		"a.example":                   {"https://a.example": true, "https://a.example:4200": false, "http://a.example": false, "https://b.a.example": false, "https://a.example.com": false},
		"a.example:4200":              {"https://a.example": false, "https://a.example:4200": true, "http://a.example:4200": false},
		"https://a.example":           {"https://a.example": true, "http://a.example": false},
		"a.example, b.example\t[::1]": {"https://a.example": true, "https://b.example": true, "http://[::1]": true, "https://c.example": false},
		"127.0.0.1:4200":              {"http://127.0.0.1:4200": true, "https://127.0.0.1:4200": true, "http://127.0.0.1": false, "http://localhost:4200": false},
		"http://127.0.0.1:4200":       {"http://127.0.0.1:4200": true, "https://127.0.0.1:4200": false},
	} {
		named, err := credential.ParseNamed(list)
		if err != nil {
			t.Error(err)
		}
		for address, goes := range want {
			c := credential.Case{
				Server: credential.Address{URL: address + "/api"}, Named: named, Sources: []credential.Source{{Kind: credential.AuthString, Place: credential.Outside}},
			}
			if got := credential.Judge(c)[0] == credential.Goes; got != goes {
				t.Errorf("%q lets it go to %s: %v", list, address, got)
			}
		}
	}
	for _, list := range []string{"*", "*.example.com", "https://a.example/api", "a.example/", "me:word1234@a.example", "https://me:word1234@a.example", "a.example.", "ftp://a.example", "::1", "a.example,é.example"} {
		_, err := credential.ParseNamed(list)
		if fault.CodeOf(err) != fault.Usage || strings.Contains(err.Error(), "word1234") {
			t.Errorf("%q: %v", list, err)
		}
	}
}

// The rule, case by case.
func TestJudge(t *testing.T) {
	t.Parallel()
	const cloud, own, other = "https://api.prefect.cloud/api", "https://prefect.example.com/api", "https://other.example.com/api"
	outside, repository := credential.Outside, credential.Repository
	key := credential.Source{Kind: credential.APIKey, Place: outside}
	beside := func(s credential.Source, address string) credential.Source { s.Beside = address; return s }
	for name, x := range map[string]struct {
		server credential.Address
		source credential.Source
		other  credential.Address
		trust  []credential.Trust
		want   credential.Answer
	}{
		"key to Cloud":            {server: credential.Address{URL: cloud}, source: key, want: credential.Goes},
		"key of elsewhere, Cloud": {server: credential.Address{URL: cloud}, source: beside(key, other), want: credential.Goes},
		"auth string to Cloud":    {server: credential.Address{URL: cloud, Place: outside}, source: credential.Source{Kind: credential.AuthString, Place: outside}, want: credential.Belongs},
		"headers to Cloud":        {server: credential.Address{URL: cloud}, source: credential.Source{Kind: credential.Headers, Place: outside}, want: credential.Unnamed},
		"outside":                 {server: credential.Address{URL: own, Place: outside}, source: key, want: credential.Goes},
		"named outside too":       {server: credential.Address{URL: own}, source: key, other: credential.Address{URL: own, Place: outside}, want: credential.Goes},
		"another one outside":     {server: credential.Address{URL: own}, source: key, other: credential.Address{URL: other, Place: outside}, want: credential.Unnamed},
		"only the repository":     {server: credential.Address{URL: own}, source: key, other: credential.Address{URL: own, Place: repository}, want: credential.Unnamed},
		"given for elsewhere":     {server: credential.Address{URL: own, Place: outside}, source: beside(key, other), want: credential.Belongs},
		"unreadable":              {server: credential.Address{URL: "https://me@prefect.example.com/api", Place: outside}, source: key, want: credential.Unreadable},
		"unreadable beside":       {server: credential.Address{URL: "https://me@x/api", Place: outside}, source: beside(key, "https://me@x/api"), want: credential.Unreadable},
		"plain":                   {server: credential.Address{URL: "http://prefect.example.com/api", Place: outside}, source: key, want: credential.Plain},
		"its certificates":        {server: credential.Address{URL: own, Place: outside}, source: key, trust: []credential.Trust{{Place: repository}}, want: credential.Loose},
		"our certificates":        {server: credential.Address{URL: own, Place: outside}, source: key, trust: []credential.Trust{{Place: outside}}, want: credential.Goes},
		"no certificates":         {server: credential.Address{URL: "http://127.0.0.1:4200", Place: outside}, source: key, trust: []credential.Trust{{Place: repository}}, want: credential.Goes},
		"its own credential": {
			server: credential.Address{URL: own}, source: credential.Source{Kind: credential.APIKey, Place: repository, Beside: own},
			trust: []credential.Trust{{Place: repository}}, want: credential.Goes,
		},
	} {
		c := credential.Case{Server: x.server, Others: []credential.Address{x.other}, Sources: []credential.Source{x.source}, Trust: x.trust}
		if got := credential.Judge(c)[0]; got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
	if !credential.Keyed(cloud) || credential.Keyed(own) || credential.Keyed("") {
		t.Error("something else takes an API key")
	}
}

// A refusal is code 7 and has the line that ends it, which does.
func TestRefusalHasTheLine(t *testing.T) {
	t.Parallel()
	c := credential.Case{
		Server:  credential.Address{URL: "https://prefect.example.com:4200/api", Name: "envs/staging.yaml:2"},
		Sources: []credential.Source{{Kind: credential.APIKey, Name: "PREFECT_API_KEY in the environment", Place: credential.Outside}, {Kind: credential.Headers, Name: "PREFECT_CLIENT_CUSTOM_HEADERS in the environment", Place: credential.Outside}},
	}
	err := credential.Refusal(c, "eu-west")
	if fault.CodeOf(err) != fault.Refused {
		t.Fatal(err)
	}
	f, _ := err.(*fault.Error) //nolint:errorlint // it is one
	for _, part := range []string{"PREFECT_API_KEY", "PREFECT_CLIENT_CUSTOM_HEADERS", "https://prefect.example.com:4200"} {
		if !strings.Contains(f.What, part) {
			t.Errorf("%q says nothing of %s", f.What, part)
		}
	}
	if f.Where != "envs/staging.yaml:2" || !strings.Contains(f.Next, "FLOWMAGE_EU_WEST_API_KEY") || !strings.Contains(f.Next, "FLOWMAGE_SERVER__URL=https://prefect.example.com:4200/api") {
		t.Errorf("%+v", f)
	}
	own := c
	own.Sources = []credential.Source{{Kind: credential.AuthString, Name: "FLOWMAGE_EU_WEST_AUTH_STRING in the environment", Place: credential.Outside}}
	if o, _ := credential.Refusal(own, "eu-west").(*fault.Error); o == nil || !strings.HasSuffix(o.Next, "unset it") { //nolint:errorlint // it is one
		t.Errorf("the variable that is refused is no way out: %+v", o)
	}
	for list, want := range map[string]bool{"prefect.example.com": true, "other.example.com": false} {
		named, err := credential.ParseNamed(list)
		if err != nil {
			t.Fatal(err)
		}
		near := c
		near.Named = named
		if f, _ := credential.Refusal(near, "eu-west").(*fault.Error); f == nil || strings.Contains(f.Why, "names https://"+list+", which is another one") != want { //nolint:errorlint // it is one
			t.Errorf("%s: %+v", list, f)
		}
	}
	odd := c
	odd.Server.URL = "https://me@prefect.example.com/api"
	if f, _ := credential.Refusal(odd, "eu-west").(*fault.Error); f == nil || !strings.HasSuffix(f.What, ": not sent") { //nolint:errorlint // it is one
		t.Errorf("an address that can't be read: %+v", f)
	}
	line, _, _ := strings.Cut(f.Next, "\n")
	_, list, found := strings.Cut(line, credential.For+"=")
	named, err := credential.ParseNamed(list)
	if !found || err != nil {
		t.Fatal(f.Next, err)
	}
	c.Named = named
	if err := credential.Refusal(c, "eu-west"); err != nil {
		t.Errorf("the line %q does not help: %v", line, err)
	}
	for next, trust := range map[string]credential.Trust{
		"let SSL_CERT_DIR name it":                   {Name: "certs/ca.pem", Place: credential.Repository, Variable: "SSL_CERT_DIR"},
		"PREFECT_API_TLS_INSECURE_SKIP_VERIFY=false": {Name: "certs/ca.pem", Place: credential.Repository, Off: true},
	} {
		c.Trust = []credential.Trust{{Name: "/ca.pem", Place: credential.Outside}, trust}
		f, _ := credential.Refusal(c, "eu-west").(*fault.Error) //nolint:errorlint // it is one
		if f == nil || !strings.Contains(f.Why, "certs/ca.pem") || !strings.Contains(f.Next, next) {
			t.Errorf("certificates of the repository's: %+v", f)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	if got := credential.Own("eu-west", credential.AuthString); got != "FLOWMAGE_EU_WEST_AUTH_STRING" {
		t.Error(got)
	}
	if got := credential.OwnedBy("FLOWMAGE_A_B_API_KEY", []string{"a-b", "a_b", "a"}); len(got) != 2 {
		t.Error(got)
	}
	for name, want := range map[string]credential.Kind{
		"PREFECT_API_KEY": credential.APIKey, "PREFECT_API_AUTH_STRING": credential.AuthString, "PREFECT_CLIENT_CUSTOM_HEADERS": credential.Headers,
		"FLOWMAGE_PROD_API_KEY": credential.APIKey, "FLOWMAGE_PROD_AUTH_STRING": credential.AuthString, "FLOWMAGE_X_HEADERS": credential.Headers,
		"FLOWMAGE_ENV__API_KEY": 0, "FLOWMAGE_API_KEY": 0, "FLOWMAGE__API_KEY": 0, "FLOWMAGE_PARAMETERS__MY_API_KEY": 0, "PREFECT_API_URL": 0, "FLOWMAGE_CREDENTIALS_FOR": 0, "": 0,
	} {
		if got := credential.KindOf(name); got != want {
			t.Errorf("%s holds %v, want %v", name, got, want)
		}
	}
	got := credential.Public([]string{"A=b", "FLOWMAGE_PROD_API_KEY=x", "flowmage_prod_headers=x", "FLOWMAGE_TAGS=a", "PREFECT_API_KEY=k"})
	if strings.Join(got, " ") != "A=b FLOWMAGE_TAGS=a PREFECT_API_KEY=k" {
		t.Error(got)
	}
}

// FuzzRule holds the rule to what it promises, whatever the addresses.
func FuzzRule(f *testing.F) {
	hosts := []string{
		"https://api.prefect.cloud/api", "http://api.prefect.cloud/api", "https://API.prefect.cloud:443", "https://api.prefect.cloud.example.com", "https://prefect.example.com/api",
		"http://prefect.example.com/api", "http://127.0.0.1:4200/api", "http://localhost:4200/api", "https://prefect.example.com:4200/api", "https://me@prefect.example.com/api",
		"https://prefect.example.com@api.prefect.cloud", "http://[::1]:4200/api", "https://é.example.com/api", "",
	}
	for i, server := range hosts {
		f.Add(server, hosts[(i*5+1)%len(hosts)], hosts[(i*3+2)%len(hosts)], "prefect.example.com,127.0.0.1:4200", uint16(i*2731))
	}
	f.Fuzz(func(t *testing.T, server, beside, other, list string, bits uint16) {
		place := func(bit int) credential.Place { return credential.Place(bits >> bit & 1) }
		named, err := credential.ParseNamed(list)
		if err != nil {
			named, list = nil, ""
		}
		c := credential.Case{
			Server: credential.Address{URL: server, Place: place(0)}, Others: []credential.Address{{URL: other, Place: place(1)}}, Named: named,
			Sources: []credential.Source{{Kind: credential.Kind(bits>>2%3 + 1), Place: place(4), Beside: beside}},
		}
		if bits>>5&1 == 1 {
			c.Trust = []credential.Trust{{Place: place(6)}}
		}
		answer := credential.Judge(c)[0]
		if (credential.Refusal(c, "prod") != nil) != answer.Refused() {
			t.Fatalf("the answer %d is refused otherwise", answer)
		}
		if answer != credential.Goes {
			return
		}
		// From here on by the standard library's reading of addresses, which is another one.
		to, err := url.Parse(strings.TrimSpace(server))
		if err != nil || to.User != nil || to.Hostname() == "" {
			t.Fatalf("goes to %q", server)
		}
		host := strings.ToLower(to.Hostname())
		local := host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") && strings.Trim(host, "0123456789.") == ""
		secure := strings.EqualFold(to.Scheme, "https")
		if !secure && !local {
			t.Fatalf("goes to %q by plain http", server)
		}
		if c.Sources[0].Kind == credential.AuthString && secure && host == "api.prefect.cloud" && (to.Port() == "" || to.Port() == "443") {
			t.Fatalf("an auth string goes to %q", server)
		}
		isCloud := secure && host == "api.prefect.cloud" && (to.Port() == "" || to.Port() == "443")
		s := c.Sources[0]
		if secure && s.Place == credential.Outside && len(c.Trust) > 0 && c.Trust[0].Place == credential.Repository {
			t.Fatalf("goes to %q, whose certificate the repository judges", server)
		}
		if s.Kind == credential.APIKey && isCloud || strings.Contains(strings.ToLower(list), strings.Trim(host, "[]")) {
			return
		}
		same := func(address string) bool {
			u, err := url.Parse(strings.TrimSpace(address))
			port := func(u *url.URL) string {
				if u.Port() == "" {
					return map[bool]string{true: "443", false: "80"}[strings.EqualFold(u.Scheme, "https")]
				}
				return u.Port()
			}
			return err == nil && u.User == nil && strings.EqualFold(u.Scheme, to.Scheme) && sameHost(u.Hostname(), to.Hostname()) && port(u) == port(to)
		}
		outside := c.Server.Place == credential.Outside || c.Others[0].Place == credential.Outside && same(other)
		if beside != "" && !same(beside) || beside == "" && !outside {
			t.Fatalf("goes to %q; beside it stands %q, others name %q", server, beside, other)
		}
	})
}

func sameHost(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	one, ok := credential.OriginOf("https://[" + a + "]")
	other, too := credential.OriginOf("https://[" + b + "]")
	return ok && too && one == other
}
