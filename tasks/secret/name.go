package secret

import (
	"slices"
	"strings"
	"unicode"
)

// Named tells whether a value at the path, or anything around it, looks like a secret by its name: SMTP_PASS, dbPassword, ACCESSKEY,
// JWT_SIGNING. Names that only sound so are none: author, primary_key, max_tokens, and those that say where a secret is or what it is like,
// such as TOKEN_FILE, key_length or secret_name.
func Named(path []string) bool {
	return slices.ContainsFunc(path, func(name string) bool { return name != "PWD" && name != "OLDPWD" && telling(name) }) // the shell's working directory
}

// telling judges one name. The last word that means a secret decides, with the words around it.
func telling(name string) bool {
	words := wordsOf(name)
	for i := range slices.Backward(words) {
		if secretWord(words, i) {
			last := words[len(words)-1]
			return i == len(words)-1 || !about(last) && !slices.ContainsFunc(words[i+1:], properties(words[i]))
		}
	}
	joined := strings.Join(words, "")
	return slices.ContainsFunc([]string{"connectionstring", "connstr", "connstring", "connectionstr", "motdepasse", "accesssignature"}, func(s string) bool { return strings.Contains(joined, s) })
}

// secretWord tells whether one word of a name means a secret, seen with those before and behind it.
func secretWord(words []string, i int) bool {
	word, before := words[i], ""
	if i > 0 {
		before = words[i-1]
	}
	switch word {
	case "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pw", "passwort", "kennwort", "contrasena", "contraseña", "senha",
		secretly, "secrets", "authorization", "auth", "credential", "credentials", "cred", "creds", "dsn", "private", "cookie", "cookies", "apikey", "apikeys",
		"bearer", "jwt", "sas", "signing", "otp", "totp", "hmac", "salt", "pepper", "csrf", "xsrf", "csrftoken", "sessionid", "sessid", "phpsessid", "webhook", "webhooks",
		"mnemonic", "passkey", "passkeys":
		return true
	case "pass":
		return !slices.Contains([]string{"first", "second", "third", "two", "single", "multi", "low", "high", "band", "boarding", "by", "last", "next", "one", "per", "n"}, before)
	case "key":
		return !harmlessKey(before)
	case "keys":
		return holder(before)
	case "token", "tokens":
		return !counted(before) && (i+1 == len(words) || !counted(words[i+1]))
	}
	return joinedSecret(word)
}

// joinedSecret tells whether a word that is several ones written together means a secret: clientsecret, pgpassword, accesskey.
func joinedSecret(word string) bool {
	for _, part := range []string{"password", "passwd", "passphrase", secretly, "apikey", "credential"} {
		if strings.Contains(word, part) && word != "secretary" && word != "secretariat" {
			return true
		}
	}
	for _, end := range []string{"keys", "key"} {
		if of, found := strings.CutSuffix(word, end); found {
			return slices.ContainsFunc(holders(), func(h string) bool { return strings.HasSuffix(of, h) })
		}
	}
	for _, end := range []string{"tokens", "token"} {
		if of, found := strings.CutSuffix(word, end); found {
			return !counted(of)
		}
	}
	if of, found := strings.CutSuffix(word, "pass"); found {
		return slices.Contains([]string{
			"smtp", "db", "pg", "mysql", "sql", "user", "ftp", "sftp", "mail", "imap", "root", "admin", "login", "ldap", "redis", "mongo", "ssh", "store", "keystore",
			"http", "proxy", "my", "postgres", "rabbit", "amqp", "app", "client", "server", "account", "service", "email", "database", "enc", "sudo", "svn", "git",
		}, of)
	}
	of, found := strings.CutSuffix(word, "pwd")
	return found && of != "old" && of != "get" && of != ""
}

// holders are those whose keys are secrets.
func holders() []string {
	return []string{
		"access", "api", secretly, "private", "signing", "signature", "encryption", "decryption", "crypt", "crypto", "auth", "account", "storage", "master", "shared", "consumer", "client",
		"license", "licence", "service", "ssh", "gpg", "pgp", "rsa", "dsa", "ecdsa", "aes", "hmac", "tls", "ssl", "jwt", "sas", "deploy", "deployment", "app", "application", "webhook",
		"subscription", "function", "functions", "host", "admin", "user", "root", "vault", "fernet", "cipher", "session", "cookie", "wrapping", "root", "recovery", "unseal", "write", "ingest",
		"integration", "server", "team", "org", "bot", "rest", "token", "openai", "stripe", "aws", "azure", "gcp", "google", "github", "datadog", "slack", "prefect", "wallet",
	}
}

func holder(word string) bool { return slices.Contains(holders(), word) }

// harmlessKey tells whether a key of that kind is a name for data, or meant to be known.
func harmlessKey(kind string) bool {
	switch kind {
	case "primary", "secondary", "sort", "partition", "partitioning", "foreign", "public", "pub", "publishable", "cache", "group", "grouping", "join", "unique", "index", "natural", "surrogate", "idempotency", "idempotence", "dedup",
		"dedupe", "deduplication", "lookup", "map", "dict", "json", "object", "business", "candidate", "composite", "order", "ordering", "merge", "row", "column", "field", "hash", "range",
		"shard", "sharding", "dist", "distribution", "cluster", "clustering", "tag", "label", "block", "variable", "metadata", "result", "record", "parent", "child", "dimension",
		"fact", "date", "time", "message", "event", "sorting", "upsert", "match", "matching", "artifact", "concurrency", "storage_key", "s3", "gcs", "blob", "file", "hot", "arrow", "enter",
		"kv", "redis", "filter", "by", "answer", "translation", "i18n", "color", "legend", "min", "max", "start", "end", "last", "first", "next", "source", "target", "src", "dst", "left", "right",
		"entity", "item", "issue", "jira", "feature", "compare", "comparison", "search", "nested", "input", "output", "data", "table", "db", "is", "has", "drop", "no", "task", "flow", "config", "settings", "project":
		return true
	}
	return false
}

// counted tells whether tokens with that word beside them are pieces of text, places in a list or signs of a grammar.
func counted(word string) bool {
	switch word {
	case "max", "min", "num", "n", "total", "prompt", "completion", "input", "output", "stop", "pad", "eos", "bos", "unk", "sep", "cls", "mask", "special", "next", "page", "continuation",
		"sync", "context", "new", "generated", "count", "used", "used_", "limit", "limits", "budget", "per", "cached", "reasoning", "thinking", "start", "end", "of", "out", "in", "usage", "window",
		"length", "chunk", "size", "overlap", "cost", "price", "rate", "ids", "embedding", "maxnew", "pagination", "cursor", "resume", "skip", "last", "number", "avg", "average", "mean":
		return true
	}
	return false
}

// about tells whether a name that ends so says where a secret is, or what it is like, and not the secret.
func about(last string) bool {
	switch last {
	case "name", "names", "path", "paths", "file", "files", "filename", "dir", "directory", "folder", "column", "columns", "col", "cols", "field", "fields", "type", "types", "kind", "length", "len", "size",
		"count", "limit", "version", "alias", "arn", "ttl", "expiry", "expires", "expiration", "lifetime", "timeout", "algorithm", "alg", "policy", "enabled", "disabled", "required", "prefix", "suffix",
		"provider", "backend", "method", "mode", "rotation", "days", "hours", "minutes", "seconds", "ms", "rate", "threshold", "percent", "percentage", "ratio", "schema", "func", "function", "fn", "index", "ring",
		"manager", "domain", "region", "issuer", "audience", "aud", "iss", "exp", "leeway", "through", "by", "order", "regex", "pattern", "format", "encoding", "usage", "status", "port", "interval", "retries", "scope", "scopes",
		"class", "strategy", "resolver", "env", "var", "variable", "block", "ref", "reference", "store", "fail", "mark", "rates", "events", "env_var", "storage", "bits", "for":
		return true
	}
	return false
}

// properties gives what tells, behind a word that means a secret, that it is not about its value: an address to fetch tokens at, a private network.
func properties(word string) func(string) bool {
	var of []string
	switch word {
	case "token", "tokens", "auth", "key", "jwt", secretly, "secrets", "authorization", "cookie":
		of = []string{"url", "uri", "endpoint", "host", "server", "vault", "client", "domain", "bucket", "project", "service", "role", "location"}
	case "private":
		of = []string{"subnet", "subnets", "network", "networks", "ip", "ips", "host", "dns", "endpoint", "endpoints", "link", "vpc", "repo", "repository", "registry", "bucket", "url", "address", "zone", "cluster", "channel", "only"}
	case "pass":
		of = []string{"through", "rate", "count", "fail", "ratio", "threshold", "mark", "on", "to", "if", "filter", "context", "number", "args", "kwargs"}
	case "webhook", "webhooks":
		of = []string{"id", "host", "events", "event"}
	case "signing":
		of = []string{"service", "region"}
	case "sas":
		of = []string{"dataset", "table", "library", "lib", "program", "script"}
	}
	if word == "key" {
		of = append(of, "id", "ids")
	}
	return func(next string) bool { return slices.Contains(of, next) }
}

// beginsWord tells whether a word begins at that letter because of its case: the P of dbPassword and of DBPassword, but not the I of APIs.
func beginsWord(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) {
		return false
	}
	if unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) {
		return true
	}
	lower := func(at int) bool { return at < len(runes) && unicode.IsLower(runes[at]) }
	plural := lower(i+1) && runes[i+1] == 's' && !lower(i+2)
	return unicode.IsUpper(runes[i-1]) && lower(i+1) && !plural
}

// secretly is the word itself.
const secretly = "secret"

// wordsOf splits a name at case changes and at anything but letters and digits, in lower case and without digits at a word's end: author is not
// auth, and DBPassword2 is a password.
func wordsOf(name string) []string {
	runes := []rune(name)
	var b strings.Builder
	for i, c := range runes {
		if beginsWord(runes, i) {
			b.WriteByte(' ')
		}
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			c = ' '
		}
		b.WriteRune(unicode.ToLower(c))
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if bare := strings.TrimRight(w, "0123456789"); len(bare) > 1 {
			words[i] = bare
		}
	}
	return words
}
