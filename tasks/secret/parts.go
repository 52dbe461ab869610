package secret

import (
	"slices"
	"strings"
)

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
	if len(out) == 0 && (Named([]string{name}) || URL(value) != value) {
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
