package local

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/templates"
)

// authUser is the user's name in the auth string: the server knows one user.
const authUser = "flowmage"

// authForm is what an auth string of ours looks like: it can stand in an address and in a shell's quotes as it is.
var authForm = pattern.New(`^` + authUser + `:[A-Z2-7]{26,}$`)

// AuthPath is the file with the server's auth string, which its owner alone may read.
func (l *Local) AuthPath() string { return l.path("auth") }

// Auth gives the server's auth string, user:password; "" when there is none yet.
func (l *Local) Auth() string {
	if !l.folder.Trusted() || !folder.Secret(l.AuthPath()) {
		return ""
	}
	data, err := folder.Read(l.AuthPath())
	if text := strings.TrimSpace(string(data)); err == nil && authForm.MatchString(text) {
		return text
	}
	return ""
}

// renewAuth makes another auth string, when programs may have said the one so far to a stranger who has taken the server's port. Those that
// are ours end with it.
func (l *Local) renewAuth(ctx context.Context, port int) error {
	for _, r := range l.all(ctx) {
		if r.Name == serverName {
			continue
		}
		if err := l.stop(ctx, r); err != nil {
			return err
		}
	}
	if err := folder.Remove(l.AuthPath()); err != nil {
		return l.folder.Unwritable(err)
	}
	l.console.Warn("another program has taken port %d and may have heard the server's password: there is a new one. Workers start with the next deploy; "+
		"programs that serve flows must be started again, and browsers let in anew (mage env:open)", port)
	return l.ensureAuth()
}

// ensureAuth makes the auth string at the first start, and again when somebody else may have read or written it.
func (l *Local) ensureAuth() error {
	if l.Auth() != "" {
		return nil
	}
	err := folder.Remove(l.AuthPath()) // a file that is replaced would keep its permissions
	if err == nil {
		err = folder.Write(l.AuthPath(), []byte(authUser+":"+rand.Text()+rand.Text()+"\n"))
	}
	if err != nil {
		return l.folder.Unwritable(err)
	}
	if l.Auth() != "" {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "the embedded server's password can't be kept from other users of this machine", Where: l.AuthPath(),
		Why:  "this file system does not keep what chmod says, or gives files to somebody else",
		Next: "keep the repository in a folder of your home that does (under WSL not below /mnt/c)",
	}
}

// guards are the sources by which the server lets in and refuses.
var guards = []string{launcher, guardScript, entryScript, entryAdded, entryPage} //nolint:gochecknoglobals // a constant list

// guardVersion names those sources, as templates/python/guard.py does.
func guardVersion() string {
	parts := make([][]byte, len(guards))
	for i, name := range guards {
		parts[i], _ = templates.FS.ReadFile(scripts[name]) // the binary carries it
	}
	return folder.Digest(parts...)
}

// guard names how a server that is started now would be guarded: by which sources, with which auth string. One that is guarded otherwise, or
// not at all, is started anew.
func (l *Local) guard() string { return folder.Digest([]byte(guardVersion()), []byte(l.Auth()))[:16] }

// proof is the answer to a question by which a server shows that it knows the auth string, without saying it.
func proof(auth, nonce string, port int) string {
	if auth == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(auth))
	fmt.Fprintf(mac, "%s:%d:%s", nonce, port, guardVersion())
	return hex.EncodeToString(mac.Sum(nil))
}
