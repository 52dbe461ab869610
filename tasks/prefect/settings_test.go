package prefect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

const profilesFile = `active = "work"

[profiles.work]
PREFECT_API_URL = "https://work.test/api"
PREFECT_API_KEY = "key1"
PREFECT_API_TLS_INSECURE_SKIP_VERIFY = true
PREFECT_API_REQUEST_TIMEOUT = 12.5
PREFECT_CLIENT_CUSTOM_HEADERS = '{"X-Team": "rpa"}'

[profiles.home]
PREFECT_API_URL = "http://home.test/api"
PREFECT_API_AUTH_STRING = "me:pass"
PREFECT_UI_URL = "http://ui.test"
`

// home makes a home folder with a profiles file and gives the folder and the file's path.
func home(t *testing.T, content string) (string, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, ".prefect", "profiles.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	dir, path := home(t, profilesFile)
	empty := t.TempDir()
	text := func(v, origin string) Setting[string] {
		from := FromProfile
		if strings.HasSuffix(origin, " in the environment") {
			from = FromEnvironment
		}
		return Setting[string]{v, origin, from}
	}
	work, atHome := "profile work in "+path, "profile home in "+path
	file := Settings{
		URL: text("https://work.test/api", work), APIKey: text("key1", work), Profile: text("work", path),
		Insecure: Setting[bool]{true, work, FromProfile}, Timeout: Setting[time.Duration]{12500 * time.Millisecond, work, FromProfile},
		Headers: Setting[map[string]string]{map[string]string{"X-Team": "rpa"}, work, FromProfile}, ProfileURL: "https://work.test/api", ProfileFile: path,
	}
	byName := Settings{
		URL: text("http://home.test/api", atHome), AuthString: text("me:pass", atHome), UIURL: text("http://ui.test", atHome),
		Profile: text("home", "PREFECT_PROFILE in the environment"), ProfileURL: "http://home.test/api", ProfileFile: path,
	}
	url := "PREFECT_API_URL in the environment"
	override := file
	override.URL = text("http://env.test/api", url)
	for name, c := range map[string]struct {
		environ []string
		want    Settings
	}{
		"nothing":        {nil, Settings{}},
		"no file":        {[]string{"HOME=" + empty}, Settings{}},
		"active profile": {[]string{"HOME=" + dir}, file},
		"Windows":        {[]string{"USERPROFILE=" + dir}, file},
		"PREFECT_HOME":   {[]string{"HOME=" + empty, "PREFECT_HOME=" + filepath.Dir(path)}, file},
		"tilde":          {[]string{"HOME=" + dir, "PREFECT_HOME=~/.prefect"}, file},
		"path":           {[]string{"HOME=" + empty, "PREFECT_PROFILES_PATH=" + path}, file},
		"path in home":   {[]string{"HOME=" + dir, "PREFECT_PROFILES_PATH=$PREFECT_HOME/profiles.toml"}, file},
		"by name":        {[]string{"HOME=" + dir, "PREFECT_PROFILE=home"}, byName},
		"override":       {[]string{"HOME=" + dir, "PREFECT_API_URL=http://env.test/api"}, override},
		"empty variable": {[]string{"HOME=" + dir, "PREFECT_API_URL= "}, file},
		"built in": {
			[]string{"PREFECT_PROFILE=local"},
			Settings{
				URL:     text("http://127.0.0.1:4200/api", "Prefect's built-in profile local"),
				Profile: text("local", "PREFECT_PROFILE in the environment"), ProfileURL: "http://127.0.0.1:4200/api",
			},
		},
		"environment": {
			[]string{
				"PREFECT_API_URL=http://env.test/api", "PREFECT_API_KEY=k", "PREFECT_API_AUTH_STRING=a:b", "PREFECT_UI_URL=http://ui",
				"PREFECT_API_SSL_CERT_FILE=one.pem", "SSL_CERT_FILE=two.pem", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=On",
				"PREFECT_API_REQUEST_TIMEOUT=60", `PREFECT_CLIENT_CUSTOM_HEADERS={"a":"b"}`,
			},
			Settings{
				URL: text("http://env.test/api", url), APIKey: text("k", "PREFECT_API_KEY in the environment"),
				AuthString: text("a:b", "PREFECT_API_AUTH_STRING in the environment"), UIURL: text("http://ui", "PREFECT_UI_URL in the environment"),
				CAFile:   text("one.pem", "PREFECT_API_SSL_CERT_FILE in the environment"),
				Insecure: Setting[bool]{true, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY in the environment", FromEnvironment},
				Timeout:  Setting[time.Duration]{time.Minute, "PREFECT_API_REQUEST_TIMEOUT in the environment", FromEnvironment},
				Headers:  Setting[map[string]string]{map[string]string{"a": "b"}, "PREFECT_CLIENT_CUSTOM_HEADERS in the environment", FromEnvironment},
			},
		},
		"fallback": {[]string{"SSL_CERT_FILE=two.pem"}, Settings{CAFile: text("two.pem", "SSL_CERT_FILE in the environment")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Discover(c.environ)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiscoverUnknownProfile(t *testing.T) {
	t.Parallel()
	dir, _ := home(t, profilesFile)
	got, err := Discover([]string{"HOME=" + dir, "PREFECT_PROFILE=werk"})
	if err != nil || got.URL.Set() || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], `no profile "werk"`) ||
		!strings.Contains(got.Warnings[0], "ephemeral, home, local, work") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDiscoverRefuses(t *testing.T) {
	t.Parallel()
	broken, path := home(t, "active = \"x\"\nPREFECT_API_KEY = \"secret\n")
	folder := t.TempDir()
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"broken file":  {[]string{"HOME=" + broken}, path + ":2"},
		"a folder":     {[]string{"PREFECT_PROFILES_PATH=" + folder}, folder},
		"headers":      {[]string{"PREFECT_CLIENT_CUSTOM_HEADERS=X: secret"}, "PREFECT_CLIENT_CUSTOM_HEADERS in the environment"},
		"header types": {[]string{`PREFECT_CLIENT_CUSTOM_HEADERS={"X": ["secret"]}`}, "no JSON object"},
		"bool":         {[]string{"PREFECT_API_TLS_INSECURE_SKIP_VERIFY=maybe"}, `"maybe"`},
		"timeout":      {[]string{"PREFECT_API_REQUEST_TIMEOUT=0"}, `"0"`},
		"no number":    {[]string{"PREFECT_API_REQUEST_TIMEOUT=NaN"}, `"NaN"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Discover(c.environ)
			f := faultOf(t, err, fault.Usage, c.want)
			if strings.Contains(f.Error(), "secret") {
				t.Errorf("the secret is in the message: %v", f)
			}
		})
	}
}
