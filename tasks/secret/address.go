package secret

import (
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// schemeStart is where an address begins in a text.
var schemeStart = pattern.New(`[A-Za-z][A-Za-z0-9+.-]*://`)

// URL hides what is secret in the addresses of a text: user and password, signatures and tokens among the parameters, and the part of a
// webhook's address by which anybody may post there. A password that is only a placeholder is shown.
func URL(s string) string { return addresses(s, byName) }

// InAddress tells whether the addresses of a text hold a secret: what [URL] hides.
func InAddress(s string) bool { return URL(s) != s }

// judge tells whether a value is a secret, by the name in front of it.
type judge func(name, value string) bool

func byName(name, value string) bool {
	folder := strings.HasSuffix(name, "PWD") && strings.HasPrefix(value, "/") // the shell's
	return telling(name) && !folder || signed(name, value)
}

// certain is for what is an error in a file: the name says more than that it may be a secret, or the value looks like one.
func certain(name, value string) bool {
	if strings.HasPrefix(value, "$") || strings.HasPrefix(value, "%") { // a shell's variable
		return false
	}
	low := strings.ToLower(name)
	for _, part := range []string{"pass", "pwd", secretly, "accesskey", "accountkey"} {
		if strings.Contains(low, part) && telling(name) {
			return true
		}
	}
	switch low {
	case "code": // a function of Azure's takes its key so, which is longer than any code of a country, a product or a login
		return mixed(value) >= certainly && len(value) >= azureKey
	case "hash", "state", "ticket", "t", "k", "s", "sign":
		return false
	default:
		return byName(name, value) && len(value) >= likely && mixed(value) >= certainly
	}
}

func addresses(s string, secret judge) string {
	if !strings.Contains(s, "://") {
		return s
	}
	starts := schemeStart.FindAllStringIndex(s, -1)
	if len(starts) == 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:starts[0][0]])
	for i, at := range starts {
		end := len(s)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		b.WriteString(addressFrom(s[at[0]:end], at[1]-at[0], secret))
	}
	return b.String()
}

// addressFrom hides what is secret in a text that begins with an address; its authority begins at start. Text may follow.
func addressFrom(s string, start int, secret judge) string {
	word := s
	if end := strings.IndexAny(s, " \t\r\n\"'`<>"); end >= 0 {
		word = s[:end]
	}
	s = userInfo(s, word, start)
	s = parameter.ReplaceAllStringFunc(s, func(found string) string {
		part := parameter.FindStringSubmatch(found)
		if part[3] == Mask || reference.MatchString(part[3]) || !secret(part[2], part[3]) {
			return found
		}
		return part[1] + part[2] + "=" + Mask
	})
	for _, form := range webhooks {
		s = form.ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

// userInfo hides user and password of an address. What can't be read as one may have a password with any character in it.
func userInfo(s, word string, start int) string {
	at := strings.LastIndex(word, "@")
	u, err := url.Parse(word)
	if err != nil {
		at = strings.LastIndex(s, "@")
	}
	if err == nil && u.User == nil || at < start || onlyReference.MatchString(s[start:at]) {
		return s
	}
	return s[:start] + Mask + s[at:]
}

var (
	// onlyReference is user:{{ placeholder }}.
	onlyReference = pattern.New(`^[^:@{}]*:?\s*\{\{\s*prefect\.[^{}]*\}\}$`)
	// parameter is one of an address.
	parameter = pattern.New(`([?&;#])([A-Za-z0-9_.\-\[\]]+)=((?:\{\{[^{}]*\}\}|[^&;#\s"'` + "`" + `<>])+)`)
	// webhooks are addresses whose last part is as good as a password.
	webhooks = []*pattern.Pattern{ //nolint:gochecknoglobals // a constant table
		pattern.New(`(?i)(\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/)[^\s"'<>]+`),
		pattern.New(`(?i)(\b(?:\w+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/)[^\s"'<>]+`),
		pattern.New(`(?i)(\b[\w-]+\.webhook\.office\.com/webhookb2/|\boutlook\.office(?:365)?\.com/webhook/)[^\s"'<>]+`),
		pattern.New(`(?i)(\bhooks\.zapier\.com/hooks/catch/|\bmaker\.ifttt\.com/trigger/[^/\s]+/(?:json/)?with/key/|\bapi\.telegram\.org/(?:file/)?bot|\bopen\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v\d/hook/|\bevents\.pagerduty\.com/integration/|\bhc-ping\.com/)[^\s"'<>]+`),
		// any other: a long piece with letters and digits behind a word that means one
		pattern.New(`(?i)(://[^\s"'<>?#]*/(?:web)?hooks?/(?:[^\s"'<>?#/]+/)*?)[A-Za-z0-9_-]*(?:[A-Za-z][A-Za-z0-9_-]*[0-9]|[0-9][A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{12,}[^\s"'<>?#]*`),
	}
)

const (
	likely    = 16 // from which length on a code is hardly that of a country or of an error
	certainly = 12 // how much of a value must look random
	azureKey  = 40 // they have at least so many characters
)

// signed tells whether a parameter of an address lets whoever knows it in, though its name alone says nothing elsewhere.
func signed(name, value string) bool {
	switch strings.ToLower(name) {
	case "sig", "signature", "x-amz-signature", "x-goog-signature", "hmac":
		return true
	case "hash":
		return mixed(value) > 0 && !digest.MatchString(value)
	case "code", "state", "ticket", "t", "k", "s", "sign":
		return len(value) >= likely && mixed(value) > 0
	default:
		return false
	}
}

// mixed tells how much of a value looks random: so many characters are in pieces whose letters and digits change more than once, as they do
// not in words, numbers and dates: aB3dE5gH, and not import-2024-orders.
func mixed(value string) int {
	if plain, err := url.QueryUnescape(value); err == nil {
		value = plain
	}
	const shortest = 6
	n := 0
	for _, piece := range wordPiece.FindAllString(moment.ReplaceAllString(value, " "), -1) {
		if len(piece) >= shortest && len(change.FindAllString(piece, -1)) > 2 { //nolint:mnd // stretches of one kind
			n += len(piece)
		}
	}
	return n
}

var (
	wordPiece = pattern.New(`[A-Za-z0-9]+`)
	change    = pattern.New(`[A-Za-z]+|[0-9]+`)
	digest    = pattern.New(`^(?:[0-9a-f]{32,128}|[0-9A-F]{32,128})$`)
	// moment is a date, with or without a time.
	moment = pattern.New(`\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\b\d{8}T\d{4,6}Z?\b`)
)

// connection finds name=value and "name": value inside of a text, as in connection strings, command lines and JSON.
var connection = pattern.New(`(^|[\s;,&?{("'\[]|--?)` + // what stands before a name
	`("?)([A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z]+){0,2}?)("?\s?(?:=|":)\s?)` +
	`("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:\{\{[^{}]*\}\}|[^\s;,&"'})\]])+)`)

// pairs hides the values of secret names inside of a text: Server=db;Password=x, password=x host=db, --api-key=x, {"token": "x"}.
func pairs(s string, secret judge) string {
	if strings.Contains(s, "jdbc:oracle") {
		s = oracle.ReplaceAllString(s, "${1}"+Mask+"@")
	}
	if strings.Contains(s, "earer") || strings.Contains(s, "asic") || strings.Contains(s, "BEARER") {
		s = header.ReplaceAllString(s, "${1}"+Mask)
	}
	if !strings.Contains(s, "=") && !strings.Contains(s, "\":") {
		return s
	}
	return connection.ReplaceAllStringFunc(s, func(found string) string {
		part := connection.FindStringSubmatch(found)
		value := strings.Trim(part[5], `"'`)
		if value == "" || strings.HasPrefix(value, Mask) || reference.MatchString(value) || harmless(value) || !secret(strings.ReplaceAll(part[3], " ", "_"), value) {
			return found
		}
		return strings.TrimSuffix(found, part[5]) + Mask
	})
}

// harmless tells whether a value says yes, no or nothing.
func harmless(value string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "none", "null", "nil", "on", "off", "True", "False", "None"}, value)
}

var (
	// oracle is a name with its password in front of a host, as Oracle's drivers take it.
	oracle = pattern.New(`(\bjdbc:oracle:\w+:)[^\s/@]+/[^\s@]+@`)
	// header is a credential as HTTP sends it.
	header = pattern.New(`(?i)(\b(?:authorization["']?\s*[:=]\s*["']?)?(?:bearer|basic)\s+)(?:[A-Za-z0-9+/=._~-]{8,})`)
)
