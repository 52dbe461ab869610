package session

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/trust"
)

// certify fills in which certificates are believed. What was set for another server says nothing of this one's.
func (a *admission) certify() {
	if a.applies() {
		a.Options.CAFile, a.Options.Insecure = a.found.CAFile.Value, a.found.Insecure.Value
		return
	}
	a.Options.CAVariable = "SSL_CERT_FILE"
	a.Options.CAFile, _ = a.environ.Lookup(a.Options.CAVariable)
	if to, ok := credential.OriginOf(a.server.URL); !ok || to.Scheme != "https" {
		return
	}
	other := secret.Address(a.found.URL.Value)
	if a.Options.CAFile == "" && a.found.CAFile.Set() {
		a.Warnings = append(a.Warnings, fmt.Sprintf("PREFECT_API_SSL_CERT_FILE (%s) was set for %s and is not used for %s; SSL_CERT_FILE=%s counts for every server",
			a.found.CAFile.Origin, other, a.server.URL, a.found.CAFile.Value))
	}
	if a.found.Insecure.Value {
		a.Warnings = append(a.Warnings, fmt.Sprintf("PREFECT_API_TLS_INSECURE_SKIP_VERIFY (%s) was set for %s; the certificate of %s is verified",
			a.found.Insecure.Origin, other, a.server.URL))
	}
}

// trust gives what decides which certificates are believed. Go and Python ask the variables of the system whatever the server; the others count
// where they are about this server.
func (a *admission) trust() []credential.Trust {
	var out []credential.Trust
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		list, _ := a.environ.Lookup(name)
		for _, path := range filepath.SplitList(list) {
			if path != "" {
				out = append(out, credential.Trust{Name: path + " (" + name + " in the environment)", Place: placeOf(a.root, path), Variable: name})
			}
		}
	}
	if !a.applies() {
		return out
	}
	if set := a.found.Insecure; set.Value {
		out = append(out, credential.Trust{Name: set.Origin, Place: a.whose(set.From), Off: true})
	}
	if set := a.found.CAFile; set.Set() {
		place := min(a.whose(set.From), placeOf(a.root, set.Value))
		out = append(out, credential.Trust{Name: set.Value + " (" + set.Origin + ")", Place: place, Variable: "PREFECT_API_SSL_CERT_FILE"})
	}
	return out
}

// whose tells who has written a setting.
func (a *admission) whose(from prefect.From) credential.Place {
	if from == prefect.FromProfile {
		return placeOf(a.root, a.found.ProfileFile)
	}
	return credential.Outside
}

// placeOf tells whether a file or folder belongs to the repository at root: it lies in the work tree, or the way to it leads through the work
// tree, or ends there. An empty path is nobody's file, and so outside.
func placeOf(root, file string) credential.Place {
	if file == "" {
		return credential.Outside
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(root, file)
	}
	top, err := os.Stat(trust.Top(root))
	if err != nil {
		return credential.Repository
	}
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		target = file // it does not exist, which is told when it is read
	}
	for _, path := range []string{file, target} {
		for at := path; ; at = filepath.Dir(at) {
			if folder, err := os.Stat(at); err == nil && os.SameFile(folder, top) {
				return credential.Repository
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return credential.Outside
}
