package session

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/trust"
)

// Nobody edits what is printed by settings that say what is secret: not with pieces of our own output for values.
func TestSettingsHideNoneOfOurTexts(t *testing.T) {
	t.Parallel()
	list := finding.List{
		{Code: "guard-changed", Severity: finding.Warning, Position: finding.Position{File: "envs/prod.yaml", Line: 4}, Message: "guards.clean_tree is false here and true in origin/main, which counts", Fix: "none"},
		{Code: "type-wrong", Severity: finding.Error, Message: "a must be text"},
	}
	printed := func(t *testing.T, untrusted bool, values ...string) (text string, parsed any, hidden string) {
		t.Helper()
		root := t.TempDir()
		var lines strings.Builder
		lines.WriteString("project: x\nenv:\n")
		for i, v := range values {
			lines.WriteString("  API_TOKEN_" + strconv.Itoa(i) + ": " + strconv.Quote(v) + "\n")
		}
		for name, content := range map[string]string{"envs/base.yaml": lines.String(), "envs/dev.yaml": ""} {
			if err := os.MkdirAll(filepath.Join(root, "envs"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out, said bytes.Buffer
		s := &Session{Root: root, Console: console.New(&out, &said), Git: git.Open(root), stance: trust.Stance{Untrusted: untrusted}}
		env, _, err := s.Settings(t.Context(), "dev", nil)
		if err != nil {
			t.Fatal(err)
		}
		HideSecrets(s, env)
		s.Console.Findings(list)
		if err := s.Console.JSON(map[string]any{"findings": list}); err != nil {
			t.Fatal(err)
		}
		s.Console.Flush()
		if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		return said.String(), parsed, s.Console.Redacted("kept-4711-x")
	}
	hostile := []string{
		"[guard-changed]", "type-wrong\",\n \"severity\": \"err", "guard-changed", "envs/prod.yaml:4", "guards.clean_tree", "\"severity\": \"error\"", "is false here and true in", "kept-4711-x",
	}
	text, parsed, _ := printed(t, true)
	gotText, gotParsed, shown := printed(t, true, hostile...)
	if diff := cmp.Diff(text, gotText) + cmp.Diff(parsed, gotParsed); diff != "" || shown != "kept-4711-x" {
		t.Errorf("untrusted: %s\n%s", shown, diff)
	}
	gotText, gotParsed, shown = printed(t, false, hostile[1], hostile[5], hostile[6], hostile[7])
	if diff := cmp.Diff(text, gotText) + cmp.Diff(parsed, gotParsed); diff != "" || strings.Contains(shown, "4711") {
		t.Errorf("trusted: %s\n%s", shown, diff)
	}
}

// A variable comes before a file, a credential goes nowhere but to its server, and a stranger's repository gets nothing filled in.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{
		"envs/base.yaml": "project: shop\nserver: {url: 'https://prefect.example.com/api'}\nsecrets: {ONE: sec/one, TWO: sec/two, LOST: sec/lost}\n" +
			"env: {A: 'x {{ $PREFECT_API_KEY }}'}\n",
		"sec/one": "file-of-one\n", "sec/two": "file-of-two\r\n\n",
	}, "ONE=variable-of-one", "MY_TOKEN=token-4711", "PLAIN=plain-4711", "PREFECT_API_KEY=key-4711", "PREFECT_API_URL=https://other.example.com/api", "FLOWMAGE_PROD_API_KEY=key-4712")
	env, _, err := s.Settings(t.Context(), "dev", nil)
	if err != nil {
		t.Fatal(err)
	}
	var values Values
	ask := func() map[string]string {
		var findings finding.List
		values, findings = Secrets(s, env)
		got := map[string]string{}
		for _, f := range findings {
			got[f.Code] = f.Position.Key
		}
		for _, name := range []string{"ONE", "TWO", "LOST", "MY_TOKEN", "PLAIN", "PREFECT_API_KEY", "NOBODY"} {
			if value, set := values.Lookup(name); set {
				got[name] = value
			}
		}
		return got
	}
	want := map[string]string{
		"ONE": "variable-of-one", "TWO": "file-of-two", "secret-file": "secrets.LOST", "MY_TOKEN": "token-4711", "PLAIN": "plain-4711", "PREFECT_API_KEY": secret.Mask,
	}
	if diff := cmp.Diff(want, ask()); diff != "" {
		t.Error(diff)
	}
	shown := strings.ReplaceAll(s.Console.Redacted("variable-of-one token-4711 plain-4711 file-of-one file-of-two"), secret.Mask, "-")
	if shown != "- - plain-4711 file-of-one -" {
		t.Errorf("it shows %s", shown)
	}
	wrong := MisplacedCredentials(s, env, "", "")
	if len(wrong) != 1 || wrong[0].Position.Line != 4 || values.Withheld(wrong) != nil || len(values.Withheld(nil)) != 1 {
		t.Errorf("misplaced %v, withheld %v", wrong, values.Withheld(nil))
	}
	text := "a: 1\nb: '{{ $FLOWMAGE_PROD_API_KEY }}'\nc: '{{ $PLAIN }} {{ $PREFECT_API_KEY }}'\n"
	places := map[string]string{}
	for _, f := range MisplacedCredentials(s, env, "prefect.yaml", text) {
		places[strings.Fields(f.Message)[0]] = f.Position.String()
	}
	if diff := cmp.Diff(map[string]string{"$FLOWMAGE_PROD_API_KEY": "prefect.yaml:2", "$PREFECT_API_KEY": "prefect.yaml:3"}, places); diff != "" {
		t.Error(diff)
	}
	s.stance.Untrusted = true
	want = map[string]string{}
	for _, name := range []string{"ONE", "TWO", "LOST", "MY_TOKEN", "PLAIN", "PREFECT_API_KEY", "NOBODY"} {
		want[name] = "{{ $" + name + " }}"
	}
	if diff := cmp.Diff(want, ask()); diff != "" {
		t.Error(diff)
	}
}

// What is a secret by its variable's name is hidden, whoever prints it; where it is kept is none.
func TestHideEnviron(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, nil, "MY_TOKEN=overridden-4711", "MY_TOKEN=token-4711", "DATABASE_URL=postgres://me:word-4711@db/x", "SSH_AUTH_SOCK=/run/agent-4711", "PLAIN=plain-4711", "DB_PASSWORD=postgres")
	hideEnviron(s)
	s.Environ = append(s.Environ, "LATE_TOKEN=late-4711")
	if got := s.Console.Redacted("postgres"); got != "postgres" {
		t.Errorf("an ordinary word is hidden: %s", got)
	}
	text := "overridden-4711 token-4711 word-4711 /run/agent-4711 plain-4711 late-4711"
	if got := strings.ReplaceAll(s.Console.Redacted(text), secret.Mask, "-"); got != "- - - /run/agent-4711 plain-4711 late-4711" {
		t.Errorf("at first it shows %s", got)
	}
	HideSecrets(s, config.Env{})
	if got := strings.ReplaceAll(s.Console.Redacted(text), secret.Mask, "-"); got != "- - - /run/agent-4711 plain-4711 -" {
		t.Errorf("then it shows %s", got)
	}
}

// A setting hides no sentence and no mark that holds our own texts together, and a stranger's hides nothing.
func TestHideable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"hunter2": true, "two words": false, "a\x07b": false, `a"b`: false, "a'b": false, "a`b": false, "-----BEGIN EC PRIVATE KEY-----\nMII x\n": true,
	} {
		if hideable(&Session{}, text) != want || hideable(&Session{stance: trust.Stance{Untrusted: true}}, text) {
			t.Errorf("%q", text)
		}
	}
}

// Credentials are hidden wherever they are set, and in each form that they have in a request; so is the embedded server's.
func TestLocateHides(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{
		"envs/base.yaml": "project: shop\n", ".flowmage/auth": "flowmage:ABCDEFGHIJKLMNOPQRSTUVWXYZ\n",
		"profiles.toml": "active = 'x'\n[profiles.x]\nPREFECT_API_AUTH_STRING = 'me:word-4711'\nPREFECT_CLIENT_CUSTOM_HEADERS = '{\"X-Token\": \"head-4711\", \"X-Team\": \"team-4711\"}'\n",
	}, "PREFECT_API_KEY=key-4711", "HTTPS_PROXY=http://me:proxy-4711@proxy.example.com")
	s.Environ = append(s.Environ, "PREFECT_PROFILES_PATH="+filepath.Join(s.Root, "profiles.toml"))
	if err := os.Chmod(filepath.Join(s.Root, ".flowmage"), 0o700); err != nil {
		t.Fatal(err)
	}
	env, _, err := s.Settings(t.Context(), "dev", nil)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := s.Locate(env); err != nil || at.Embedded == nil {
		t.Fatalf("%+v %v", at, err)
	}
	text := "ABCDEFGHIJKLMNOPQRSTUVWXYZ word-4711 " + base64.StdEncoding.EncodeToString([]byte("me:word-4711")) + " head-4711 key-4711 proxy-4711 team-4711"
	if got := strings.ReplaceAll(s.Console.Redacted(text), secret.Mask, "-"); got != "- - - - - - team-4711" {
		t.Errorf("it shows %s", got)
	}
}

// A literal secret is told of unless git is known not to keep its file.
func TestOnlyTracked(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, nil)
	if !shared(t.Context(), s)("envs/dev.yaml") {
		t.Error("without a repository nothing counts as shared")
	}
	if out, err := exec.CommandContext(t.Context(), "git", "-C", s.Root, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if shared(t.Context(), s)("envs/dev.yaml") {
		t.Error("a file that git does not track counts as shared")
	}
}
