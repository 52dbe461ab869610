package console

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// longEnough is the length from which on a secret is looked for in its encoded forms: those of shorter ones would be found by chance.
const longEnough = 8

// formsOf gives the texts by which a secret can be read: itself, escaped, and encoded.
func formsOf(secret string) []string {
	quoted := strconv.Quote(secret)
	out := []string{
		secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:], html.EscapeString(secret),
		strings.ReplaceAll(secret, "'", "''"), strings.ReplaceAll(secret, "'", `'\''`), strings.ReplaceAll(secret, "'", `\'`),
	}
	if text, err := json.Marshal(secret); err == nil { // with <, > and & escaped
		out = append(out, string(text[1:len(text)-1]), strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text[1:len(text)-1])))
	}
	if ascii := strconv.QuoteToASCII(secret); ascii != quoted {
		out = append(out, ascii[1:len(ascii)-1])
	}
	if len(secret) < longEnough {
		return out
	}
	digits := hex.EncodeToString([]byte(secret))
	out = append(out, digits, strings.ToUpper(digits))
	for before := range 3 {
		core := inBase64(secret, before)
		out = append(out, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	return out
}

// inBase64 gives the digits of base64 that a secret alone decides when so many bytes stand before it, modulo three.
func inBase64(secret string, before int) string {
	const bitsOfByte, bitsOfDigit = 8, 6
	bytes := append(make([]byte, before), secret...)
	digits := base64.RawStdEncoding.EncodeToString(bytes)
	first := (before*bitsOfByte + bitsOfDigit - 1) / bitsOfDigit
	return digits[first : len(bytes)*bitsOfByte/bitsOfDigit]
}
