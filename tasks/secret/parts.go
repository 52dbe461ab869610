package secret

import (
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// Address gives a text to show that is meant to be one address, whoever wrote it and however: of an API, a proxy, a package index, a git
// remote. Beyond what [URL] hides, user and password go where there is no scheme, and where @ and :// are written as %40 and %3A%2F%2F.
func Address(s string) string {
	s = escaped.ReplaceAllString(URL(s), "${1}"+Mask+"${2}")
	return login.ReplaceAllStringFunc(s, func(found string) string {
		part := login.FindStringSubmatch(found)
		if part[2] == "mailto" || slices.Contains([]string{"sha256", "sha384", "sha512"}, part[3]) { // an image's digest
			return found
		}
		return part[1] + Mask + "@" + part[3]
	})
}

var (
	// escaped is an address inside of another one's parameter, with a user.
	escaped = pattern.New(`(?i)(%3A%2F%2F)[^&;#\s"'/]*(%40)`)
	// login is user:password@host without a scheme in front.
	login = pattern.New(`(^|[\s"'=,(])([^\s/@:"'=,(*]+):[^\s@"'/][^\s@"']*@([0-9A-Za-z]+|\[)`)
)

// Bare gives an address without its password, for use and not only for show. Of ssh addresses, which can't be used without it, the user stays.
func Bare(address string) string {
	head, who, rest, ok := parted(address)
	if !ok {
		return address
	}
	if user, _, _ := strings.Cut(who, ":"); strings.Contains(strings.ToLower(head), "ssh") {
		return head + user + "@" + rest
	}
	return head + rest
}

// Passwords gives what must be hidden of an address wherever it turns up: its password as it is written, as it is meant and as others write
// it; or the user where it stands alone, as tokens do.
func Passwords(address string) []string {
	_, who, _, ok := parted(address)
	if !ok {
		return nil
	}
	user, password, _ := strings.Cut(who, ":")
	if password == "" {
		password = user
	}
	out := []string{password}
	if meant, err := url.PathUnescape(password); err == nil {
		out = append(out, meant, url.QueryEscape(meant), url.PathEscape(meant), strings.TrimPrefix(url.UserPassword("", meant).String(), ":"))
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// parted parts an address around its user: what stands before it, user and password, and what comes from the host on. What can't be read as an
// address may have any character in its password.
func parted(address string) (head, who, rest string, ok bool) {
	start := strings.Index(address, "://")
	if start < 0 {
		at := strings.LastIndex(address, "@")
		if at < 0 || !strings.HasPrefix(Address(address), Mask) {
			return "", "", "", false
		}
		return "", address[:at], address[at+1:], true
	}
	start += len("://")
	end := len(address)
	if stop := strings.IndexAny(address[start:], "/?#"); stop >= 0 {
		end = start + stop
	}
	at := strings.LastIndex(address[start:end], "@")
	if at < 0 {
		if _, err := url.Parse(address); err == nil {
			return "", "", "", false
		}
		if at = strings.LastIndex(address[start:], "@"); at < 0 {
			return "", "", "", false
		}
	}
	return address[:start], address[start : start+at], address[start+at+1:], true
}

// Parts gives what is secret in a value, piece by piece, so that it can be hidden wherever it turns up: the value of a secret's name as a
// whole, the passwords of its addresses, the values of secret names inside of it. A value that only says where a secret is has none.
func Parts(name, value string) []string {
	if value == "" || strings.Contains(value, "{{") {
		return nil
	}
	switch named := Named([]string{name}); {
	case named && place(value):
		return nil
	case named && !strings.Contains(value, "://"), formed(value):
		return []string{value}
	}
	out := passwords(value)
	if strings.Contains(value, "=") || strings.Contains(value, "\":") {
		for _, part := range connection.FindAllStringSubmatch(value, -1) {
			if v := strings.Trim(part[5], `"'`); byName(strings.ReplaceAll(part[3], " ", "_"), v) && !harmless(v) {
				out = append(out, v)
			}
		}
	}
	if len(out) == 0 && (Named([]string{name}) || InAddress(value)) {
		return []string{value}
	}
	return out
}

// Known is [Parts] of a value of which it is known whether a name around it is a secret's.
func Known(value string, named bool) []string {
	if named {
		return Parts(secretly, value)
	}
	return Parts("", value)
}

// place tells whether a value is a path: KEY=/etc/ssl/key.pem.
func place(value string) bool {
	begins := func(start string) bool { return strings.HasPrefix(value, start) }
	return slices.ContainsFunc([]string{"/", "./", "../", "~/", `C:\`}, begins) && !strings.ContainsAny(value, "=+ ")
}

// passwords gives those of the addresses in a text.
func passwords(s string) []string {
	var out []string //nolint:prealloc // hardly an address has a password
	for _, at := range schemeStart.FindAllStringIndex(s, -1) {
		address, _, _ := strings.Cut(s[at[0]:], " ")
		out = append(out, Passwords(address)...)
	}
	return out
}

// Distinct tells whether a value can be looked for in all that is printed without hiding ordinary words: it is no word itself.
func Distinct(value string) bool {
	const shortest = 8
	return len(value) >= shortest && strings.ContainsFunc(value, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}
