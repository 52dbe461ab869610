package draft

import (
	"testing"
)

// Two spellings of one server's address are one.
func TestSameAddress(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{
		"http://Prefect.example.com/api": "http://prefect.example.com:80/api/", "https://x/api": "https://X:443/api", "http://localhost:4200/api": "http://127.0.0.1:4200/api",
		"http://[::1]:4200/api": "http://127.0.0.1:4200/api",
	} {
		if sameAddress(a) != sameAddress(b) {
			t.Errorf("%s and %s differ", a, b)
		}
	}
	for a, b := range map[string]string{
		"http://x/api": "https://x/api", "http://x:4200/api": "http://x:4201/api", "https://api.prefect.cloud/api/accounts/a/workspaces/b": "https://api.prefect.cloud/api/accounts/a/workspaces/c",
	} {
		if sameAddress(a) == sameAddress(b) {
			t.Errorf("%s and %s are the same", a, b)
		}
	}
}
