package prefect

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
)

// Setting is a value and where it comes from, as shown to people: "PREFECT_API_URL in the environment" or
// "profile local in /home/me/.prefect/profiles.toml". An empty Origin means that it is not set.
type Setting[T any] struct {
	Value  T
	Origin string
	From   From
}

// From is the place that a setting was read from.
type From int

const (
	// FromEnvironment is Prefect's own variable.
	FromEnvironment From = iota
	// FromProfile is the active profile.
	FromProfile
	// FromOwn is our variable for one environment, as [Settings.Own] reads it.
	FromOwn
)

// Set tells whether the setting has a value.
func (s Setting[T]) Set() bool { return s.Origin != "" }

// Settings is what a Prefect user has set for Prefect's own client, as far as it concerns us. The keys and their order of precedence
// are Prefect's (settings/models/api.py, settings/sources.py); prefect.toml, pyproject.toml and .env files are not read.
type Settings struct {
	URL        Setting[string]            // PREFECT_API_URL
	APIKey     Setting[string]            // PREFECT_API_KEY
	AuthString Setting[string]            // PREFECT_API_AUTH_STRING
	Headers    Setting[map[string]string] // PREFECT_CLIENT_CUSTOM_HEADERS, a JSON object
	CAFile     Setting[string]            // PREFECT_API_SSL_CERT_FILE, else SSL_CERT_FILE
	Insecure   Setting[bool]              // PREFECT_API_TLS_INSECURE_SKIP_VERIFY
	Timeout    Setting[time.Duration]     // PREFECT_API_REQUEST_TIMEOUT, in seconds
	UIURL      Setting[string]            // PREFECT_UI_URL
	Profile    Setting[string]            // the active profile's name
	// ProfileURL is the PREFECT_API_URL of the active profile itself, whatever the environment says; ProfileFile is the file that the profile
	// stands in, empty for one that Prefect brings along.
	ProfileURL, ProfileFile string
	// Warnings are oddities that Prefect itself only warns of, in whole sentences.
	Warnings []string
}

// Discover reads the settings from an environment in the form of os.Environ, and from the active profile of the file that
// PREFECT_PROFILES_PATH names, else profiles.toml in PREFECT_HOME, else in ~/.prefect. The environment beats the profile. A missing
// file sets nothing; a broken one and a value that can't be read are a *fault.Error with code Usage.
func Discover(variables environ.List) (Settings, error) {
	l := lookup{environ: variables.Map()}
	var s Settings
	var err error
	if l.profile, err = readProfile(l.environ); err != nil {
		return Settings{}, err
	}
	s.Profile, s.Warnings = l.profile.setting, l.profile.warnings
	s.ProfileURL, s.ProfileFile = strings.TrimSpace(l.profile.values["PREFECT_API_URL"]), l.profile.file
	s.URL = l.text("PREFECT_API_URL")
	s.APIKey = l.text("PREFECT_API_KEY")
	s.AuthString = l.text("PREFECT_API_AUTH_STRING")
	s.UIURL = l.text("PREFECT_UI_URL")
	if s.CAFile = l.text("PREFECT_API_SSL_CERT_FILE"); !s.CAFile.Set() {
		if file := l.environ["SSL_CERT_FILE"]; file != "" {
			s.CAFile = Setting[string]{file, "SSL_CERT_FILE in the environment", FromEnvironment}
		}
	}
	s.Headers, err = headersOf(err, l.text("PREFECT_CLIENT_CUSTOM_HEADERS"))
	s.Insecure, err = parsed(err, l.text("PREFECT_API_TLS_INSECURE_SKIP_VERIFY"), parseBool,
		"PREFECT_API_TLS_INSECURE_SKIP_VERIFY is neither true nor false", "write true or false")
	s.Timeout, err = parsed(err, l.text("PREFECT_API_REQUEST_TIMEOUT"), parseSeconds,
		"PREFECT_API_REQUEST_TIMEOUT is no number of seconds above zero", "write a number such as 60")
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}

// lookup finds a key in the environment, then in the profile. An empty text counts as not set.
type lookup struct {
	environ map[string]string
	profile profile
}

func (l lookup) text(key string) Setting[string] {
	if v := strings.TrimSpace(l.environ[key]); v != "" {
		return Setting[string]{v, key + " in the environment", FromEnvironment}
	}
	if v := strings.TrimSpace(l.profile.values[key]); v != "" {
		return Setting[string]{v, l.profile.origin, FromProfile}
	}
	return Setting[string]{}
}

// parsed turns a text into its value, unless something failed before. The text is not repeated in the error: it may be a secret.
func parsed[T any](before error, s Setting[string], parse func(string) (T, error), what, next string) (Setting[T], error) {
	if before != nil || !s.Set() {
		return Setting[T]{}, before
	}
	v, err := parse(s.Value)
	if err != nil {
		return Setting[T]{}, &fault.Error{Code: fault.Usage, What: what, Where: s.Origin, Next: next, Err: err}
	}
	return Setting[T]{v, s.Origin, s.From}, nil
}

func headersOf(before error, s Setting[string]) (Setting[map[string]string], error) {
	return parsed(before, s, parseHeaders, "the custom headers are no JSON object of texts", `write them like {"X-Name": "value"}`)
}

func parseHeaders(text string) (map[string]string, error) {
	var out map[string]string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		// The decoder's own message may quote what it read.
		return nil, fmt.Errorf("%d characters that are not of the form {\"name\": \"text\"}", len(text))
	}
	return out, nil
}

// parseBool accepts what pydantic does.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "1", "true", "t", "yes", "y", "on":
		return true, nil
	case "0", "false", "f", "no", "n", "off":
		return false, nil
	default:
		return false, fmt.Errorf("it is %q", text)
	}
}

func parseSeconds(text string) (time.Duration, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n > 1e6 {
		return 0, fmt.Errorf("it is %q", text)
	}
	return time.Duration(n * float64(time.Second)), nil
}

// Own gives the settings with the credentials that are one environment's own, FLOWMAGE_<ENV>_API_KEY, …_AUTH_STRING and …_HEADERS, in place of
// the general ones. Key and auth string are two ways of saying who one is, so either takes the place of both. Such a variable is set for
// this program alone, and never read from a file.
func (s Settings) Own(variables environ.List, environment string) (Settings, error) {
	set := variables.Map()
	own := func(k credential.Kind) Setting[string] {
		name := credential.Own(environment, k)
		if v := strings.TrimSpace(set[name]); v != "" {
			return Setting[string]{v, name + " in the environment", FromOwn}
		}
		return Setting[string]{}
	}
	key, auth := own(credential.APIKey), own(credential.AuthString)
	if key.Set() || auth.Set() {
		s.APIKey, s.AuthString = key, auth
	}
	if headers := own(credential.Headers); headers.Set() {
		var err error
		if s.Headers, err = headersOf(nil, headers); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}
