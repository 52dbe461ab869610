package session

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// What goes to a server, which variables may be written there therefore, and what is said of the rest.
func TestAdmission(t *testing.T) {
	t.Parallel()
	type admitted struct {
		Key, Auth string
		Headers   map[string]string
		CA        string
		Insecure  bool
		Variables []string
		Warnings  []string
	}
	other := "https://other.example.com/api"
	for name, x := range map[string]struct {
		server  string
		outside bool
		environ environ.List
		want    admitted
	}{
		"the general key": {cloudServer, false, environ.List{"PREFECT_API_KEY=k"}, admitted{Key: "k", Variables: []string{"PREFECT_API_KEY"}}},
		"its own key, and the general one stays here": {
			cloudServer, false, environ.List{"FLOWMAGE_STAGING_API_KEY=own", "PREFECT_API_KEY=k"}, admitted{Key: "own", Variables: []string{"FLOWMAGE_STAGING_API_KEY"}},
		},
		"no auth string to Cloud": {
			cloudServer, false, environ.List{"PREFECT_API_KEY=k", "PREFECT_API_AUTH_STRING=a:b"},
			admitted{Key: "k", Variables: []string{"PREFECT_API_KEY"}, Warnings: []string{
				"PREFECT_API_AUTH_STRING in the environment is not sent to Prefect Cloud, which takes an API key and no auth string",
			}},
		},
		"all that stands beside the address": {
			team, true, environ.List{"PREFECT_API_URL=" + team, auth, head, "PREFECT_API_SSL_CERT_FILE=/ca.pem", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true"},
			admitted{
				Auth: "AUTH", Headers: map[string]string{"X-Gate": "HEAD"}, CA: "/ca.pem", Insecure: true,
				Variables: []string{"PREFECT_API_AUTH_STRING", "PREFECT_CLIENT_CUSTOM_HEADERS"},
			},
		},
		"nothing that stands beside another address": {
			other, true, environ.List{"PREFECT_API_URL=" + team, auth, "PREFECT_API_SSL_CERT_FILE=/ca.pem", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true"},
			admitted{Warnings: []string{
				"PREFECT_API_SSL_CERT_FILE (PREFECT_API_SSL_CERT_FILE in the environment) was set for " + team + " and is not used for " + other +
					"; SSL_CERT_FILE=/ca.pem counts for every server",
				"PREFECT_API_TLS_INSECURE_SKIP_VERIFY (PREFECT_API_TLS_INSECURE_SKIP_VERIFY in the environment) was set for " + team + "; the certificate of " +
					other + " is verified",
			}},
		},
		"the system's CA counts for every address": {
			other, true, environ.List{"PREFECT_API_URL=" + team, "SSL_CERT_FILE=/usual.pem", "PREFECT_API_SSL_CERT_FILE=/ca.pem"}, admitted{CA: "/usual.pem"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := append(environ.List{"HOME=" + t.TempDir()}, x.environ...)
			found, err := prefect.Discover(all)
			if err == nil {
				found, err = found.Own(all, "staging")
			}
			if err != nil {
				t.Fatal(err)
			}
			server := credential.Address{URL: x.server, Name: "envs/staging.yaml:2"}
			if x.outside {
				server.Place = credential.Outside
			}
			a := admission{root: t.TempDir(), environ: all, env: "staging", found: found, server: server}
			if err := a.admit(); err != nil {
				t.Fatal(err)
			}
			o := a.Options
			got := admitted{o.APIKey, o.AuthString, o.Headers, o.CAFile, o.Insecure, a.variables, a.Warnings}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Prefect's own programs get what a client has, and go to a server on this machine by no proxy.
func TestProgramEnviron(t *testing.T) {
	t.Parallel()
	s := &Session{Environ: environ.List{"NO_PROXY=first", "NO_PROXY=corp.example.com"}}
	for name, x := range map[string]struct {
		options prefect.Options
		want    []string
	}{
		"nothing": {prefect.Options{URL: team}, nil},
		"everything": {
			prefect.Options{URL: team, APIKey: "k", AuthString: "a:b", CAFile: "/ca.pem", Insecure: true, Headers: map[string]string{"X-B": "2", "X-A": "1"}},
			[]string{
				"PREFECT_API_KEY=k", "PREFECT_API_AUTH_STRING=a:b", "PREFECT_API_SSL_CERT_FILE=/ca.pem", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true",
				`PREFECT_CLIENT_CUSTOM_HEADERS={"X-A":"1","X-B":"2"}`,
			},
		},
		"another name of this machine": {
			prefect.Options{URL: "http://127.0.0.2:4200/api"},
			[]string{"NO_PROXY=corp.example.com,127.0.0.1,localhost,127.0.0.2", "no_proxy=127.0.0.1,localhost,127.0.0.2"},
		},
		"its usual name":               {prefect.Options{URL: "http://localhost:4200/api"}, nil},
		"what only looks like a local": {prefect.Options{URL: "http://127.0.0.2.example.com/api"}, nil},
	} {
		if diff := cmp.Diff(x.want, ProgramEnviron(s, x.options)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
