package secret

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
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
	escaped = regexp.MustCompile(`(?i)(%3A%2F%2F)[^&;#\s"'/]*(%40)`)
	// login is user:password@host without a scheme in front.
	login = regexp.MustCompile(`(^|[\s"'=,(])([^\s/@:"'=,(*]+):[^\s@"'/][^\s@"']*@([0-9A-Za-z]+|\[)`)
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
