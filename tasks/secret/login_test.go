package secret_test

import (
	"slices"
	"testing"

	"github.com/flowmage/flowmage/tasks/secret"
)

// One rule for addresses: what is shown, what is used and what is hidden elsewhere come from it.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]struct{ shown, bare string }{
		"https://me:hunter2@host/api":                              {"https://********@host/api", "https://host/api"},
		"https://hunter2@host/api":                                 {"https://********@host/api", "https://host/api"},
		"http://me:hunter2%40%2F@[::1]:3128":                       {"http://********@[::1]:3128", "http://[::1]:3128"},
		"http://me:hun/ter2:x@host":                                {"http://********@host", "http://host"},
		"http://me:hun ter2@host":                                  {"http://********@host", "http://host"},
		"me:hunter2@host:3128":                                     {"********@host:3128", "host:3128"},
		"me:hunter2@host:team/flows.git":                           {"********@host:team/flows.git", "host:team/flows.git"},
		"socks5://me:hunter2@host":                                 {"socks5://********@host", "socks5://host"},
		"ssh://git:hunter2@host/x":                                 {"ssh://********@host/x", "ssh://git@host/x"},
		"https://host/x?api_key=hunter2&a=b":                       {"https://host/x?api_key=********&a=b", "https://host/x?api_key=hunter2&a=b"},
		"https://host/x#access_token=hunter2":                      {"https://host/x#access_token=********", "https://host/x#access_token=hunter2"},
		"https://host/x?via=http%3A%2F%2Fme%3Ahunter2%40other&a=b": {"https://host/x?via=http%3A%2F%2F********%40other&a=b", "https://host/x?via=http%3A%2F%2Fme%3Ahunter2%40other&a=b"},
		"https://host/api":                                         {"https://host/api", "https://host/api"},
		"https://host/a@b":                                         {"https://host/a@b", "https://host/a@b"},
		"https://host:8443/x?page=2":                               {"https://host:8443/x?page=2", "https://host:8443/x?page=2"},
		"git@host:team/flows.git":                                  {"git@host:team/flows.git", "git@host:team/flows.git"},
		"python:3.12-slim@sha256:0123":                             {"python:3.12-slim@sha256:0123", "python:3.12-slim@sha256:0123"},
		"python:3.12-slim@sha384:0123":                             {"python:3.12-slim@sha384:0123", "python:3.12-slim@sha384:0123"},
		"python:3.12-slim@sha512:0123":                             {"python:3.12-slim@sha512:0123", "python:3.12-slim@sha512:0123"},
		"SSH://git:hunter2@host/x":                                 {"SSH://********@host/x", "SSH://git@host/x"},
		"mailto:me@host":                                           {"mailto:me@host", "mailto:me@host"},
		"../flows":                                                 {"../flows", "../flows"},
		"":                                                         {"", ""},
	} {
		if got := secret.Address(given); got != want.shown || secret.Address(got) != got {
			t.Errorf("%q is shown as %q, want %q", given, got, want.shown)
		}
		if got := secret.Bare(given); got != want.bare {
			t.Errorf("%q without its password is %q, want %q", given, got, want.bare)
		}
		if want.bare != given && len(secret.Passwords(given)) == 0 {
			t.Errorf("of %q nothing is hidden elsewhere", given)
		}
	}
	if got := secret.Passwords("https://@host"); len(got) != 0 {
		t.Errorf("nothing is hidden as %q", got)
	}
	if got, want := secret.Passwords("http://me:a%40b@host"), []string{"a%40b", "a@b"}; !slices.Equal(got, want) {
		t.Errorf("hidden are %q, want %q", got, want)
	}
}
