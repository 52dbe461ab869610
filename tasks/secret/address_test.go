package secret_test

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/secret"
)

// canary is the secret part of the texts below: it must not be shown, and what stands around it must.
const canary = "c4n4ry"

func TestSecretsInsideOfTexts(t *testing.T) {
	t.Parallel()
	// The text, and what is shown of it.
	for text, want := range map[string]string{
		"postgresql+psycopg2://me:c4n4ry@db:5432/x?sslmode=require":                                        "postgresql+psycopg2://********@db:5432/x?sslmode=require",
		"mysql+pymysql://me:p@c4n4ry@db/x":                                                                 "mysql+pymysql://********@db/x",
		"mssql+pyodbc://sa:c4n4ry@db/x?driver=ODBC+Driver+18":                                              "mssql+pyodbc://********@db/x?driver=ODBC+Driver+18",
		"snowflake://me:c4n4ry@acct/db/schema?warehouse=w":                                                 "snowflake://********@acct/db/schema?warehouse=w",
		"redis://:c4n4ry@cache:6379/0":                                                                     "redis://********@cache:6379/0",
		"amqp://guest:c4n4ry@mq:5672/%2f":                                                                  "amqp://********@mq:5672/%2f",
		"mongodb+srv://me:c4n4ry@cluster0.x.mongodb.net/db?retryWrites=true":                               "mongodb+srv://********@cluster0.x.mongodb.net/db?retryWrites=true",
		"postgres://me:c4n/4ry#c4n4ry@db/x":                                                                "postgres://********@db/x",
		"a postgres://me:c4n4ry@one/x and amqp://me:c4n4ry@two/y too":                                      "a postgres://********@one/x and amqp://********@two/y too",
		"Server=db;Database=x;User Id=sa;Password=c4n4ry;Encrypt=true":                                     "Server=db;Database=x;User Id=sa;Password=********;Encrypt=true",
		"Driver={ODBC Driver 18};Server=db;UID=sa;PWD='c4n4ry;more'":                                       "Driver={ODBC Driver 18};Server=db;UID=sa;PWD=********",
		"host=db port=5432 user=me password=c4n4ry dbname=x":                                               "host=db port=5432 user=me password=******** dbname=x",
		"host=db password = 'c4n4ry more' dbname=x":                                                        "host=db password = ******** dbname=x",
		"jdbc:postgresql://db/x?user=me&password=c4n4ry&ssl=true":                                          "jdbc:postgresql://db/x?user=me&password=********&ssl=true",
		"jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=c4n4ry;":                                 "jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=********;",
		"jdbc:oracle:thin:scott/c4n4ry@db:1521/x":                                                          "jdbc:oracle:thin:********@db:1521/x",
		"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c4n4ry==;EndpointSuffix=core":             "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=********;EndpointSuffix=core",
		"Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey=c4n4ry=":                                "Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey=********",
		"https://a.blob.core.windows.net/c/f?sv=2024&se=2026&sig=c4n4ry%3D&sp=r":                           "https://a.blob.core.windows.net/c/f?sv=2024&se=2026&sig=********&sp=r",
		"https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=c4n4ry&X-Amz-Security-Token=c4n4ry": "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=********&X-Amz-Security-Token=********",
		"https://x/y?access_token=c4n4ry#top":                                                              "https://x/y?access_token=********#top",
		"https://x/cb#access_token=c4n4ry&state=1":                                                         "https://x/cb#access_token=********&state=1",
		"https://f.azurewebsites.net/api/run?code=c4n4ry0123456789abcdef==&x=1":                            "https://f.azurewebsites.net/api/run?code=********&x=1",
		"https://maps/api?address=x&key=c4n4ry":                                                            "https://maps/api?address=x&key=********",
		"https://hooks.slack.com/services/T00/B00/c4n4ry":                                                  "https://hooks.slack.com/services/********",
		"https://discord.com/api/webhooks/123/c4n4ry":                                                      "https://discord.com/api/webhooks/********",
		"https://x.webhook.office.com/webhookb2/c4n4ry@tenant/IncomingWebhook/c4n4ry/y":                    "https://x.webhook.office.com/webhookb2/********",
		"https://ci.example.com/hooks/catch/c4n4ry0123456789abcdef":                                        "https://ci.example.com/hooks/catch/********",
		"https://api.telegram.org/bot123:c4n4ry/sendMessage":                                               "https://api.telegram.org/bot********",
		"python run.py --api-key=c4n4ry --level=3":                                                         "python run.py --api-key=******** --level=3",
		`{"user": "me", "password": "c4n4ry", "n": 3}`:                                                     `{"user": "me", "password": ********, "n": 3}`,
		"AUTHORIZATION: BEARER c4n4ry0123":                                                                 "AUTHORIZATION: BEARER ********",
		"https://b.s3.amazonaws.com/k?signature=c4n4ry&a=1":                                                "https://b.s3.amazonaws.com/k?signature=********&a=1",
		"https://storage.googleapis.com/b/k?X-Goog-Signature=c4n4ry":                                       "https://storage.googleapis.com/b/k?X-Goog-Signature=********",
		"https://x/y?state=c4n4ry0123456789abcdef&ticket=c4n4ry0123456789abcdef":                           "https://x/y?state=********&ticket=********",
		"https://x/y?t=c4n4ry0123456789abcdef&k=c4n4ry0123456789abcdef":                                    "https://x/y?t=********&k=********",
		"https://x/y?s=c4n4ry0123456789abcdef&sign=c4n4ry0123456789abcdef":                                 "https://x/y?s=********&sign=********",
		"https://x/y?access_token={{ $TOKEN }}c4n4ry&a=b":                                                  "https://x/y?access_token=********&a=b",
		"host=db password={{ prefect.blocks.secret.x }}c4n4ry port=1":                                      "host=db password=******** port=1",
		"Authorization: Bearer c4n4ry0123":                                                                 "Authorization: Bearer ********",
		"curl -H 'Authorization: Basic c4n4ryYmFzZTY0'":                                                    "curl -H 'Authorization: Basic ********'",
	} {
		got, _ := secret.Masked(text, []string{"env", "TEXT"}).(string)
		if strings.Contains(got, canary) || got != want {
			t.Errorf("%s:\n got  %s\n want %s", text, got, want)
		}
		if line := secret.Line(text); strings.Contains(line, canary) {
			t.Errorf("as a line of a log: %s", line)
		}
	}
}

// What is not secret stays, and so does a password that only says where it is.
func TestTextsWithoutSecretsStay(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"true", "false", "yes", "no", "none", "null", "nil", "on", "off", "True", "False", "None"} {
		if text := "use_token=" + word; secret.Inside(text) != text {
			t.Errorf("%q says no secret", text)
		}
	}
	for _, text := range []string{
		"https://host/a@b", "http://127.0.0.1:4200/api", "https://x/y?page=2&sort_key=name&code=DE", "repo/image:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"git@github.com:org/repo.git", "python -m x --level=debug --primary-key=id", "0 6 * * 1-5", "FREQ=DAILY;COUNT=3", "a=b; c=d", "primary key: id",
		"postgres://me:{{ prefect.blocks.secret.db }}@db/x", "{{ prefect.blocks.secret.x }}", "token: {{ $TOKEN }}", "host=db password={{ prefect.blocks.secret.x }} port=1",
		"see https://docs.prefect.io/v3/webhooks/create", "https://x.example.com/hooks/build", "use_token=true", "The basic idea is simple", "a bearer of news",
		"tasks/flow.py:run", "max_tokens=4096", "s3://bucket/key/with/parts", "https://login.microsoftonline.com/tenant/oauth2/token",
		"https://x/y?t=2024-01-01T00:00:00Z", "https://x/y?t=2024-01-01T00%3A00%3A00%2B02:00&s=20240101T000000Z", "https://x/y?code=DE-2024-PRODUCT-001", "https://x/y?s=orders-2024-01-01-europe",
		"https://x/y?state=import-2024-orders-eu", "https://x/file.csv?hash=d41d8cd98f00b204e9800998ecf8427e", "https://x/y?project_key=ABC-2024-import-service", "project_key=ABC-2024-import-service",
		`{"url": "https://x/y?code=DE-2024-PRODUCT-001", "project_key": "ABC-2024-import-service"}`, "https://x/y?t=1704067200000", "https://x/y?hash=main", "https://x/y?state=aB3dE5gH",
		"https://x/y?state=north%20orders12%20east", "https://x/y?state=a1b-c2d-e3f-g4h-i5j", "https://x/y?access_token={{$TOKEN}}&a=b", "https://x/y?access_token={{ prefect.blocks.secret.x }}&a=b", "use_token=no", "https://x/y?k=release2024-all-countries",
	} {
		if got := secret.Masked(text, []string{"env", "TEXT"}); got != text || secret.Looks(text) {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// What goes into a file is an error only when it is certain; what is shown is hidden on a suspicion.
func TestLooks(t *testing.T) {
	t.Parallel()
	const mixed = "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7f"
	for _, text := range []string{
		"every key=value pair", "Server=db;Password={{ $DB_PASSWORD }};", "key=value_2024_long_string_x", "auth=kerberos-realm-EXAMPLE-2024", "https://x/y?key=value_2024_long_string_x", "https://x/y?access_token=the-2024-documentation",
		`{"auth": "kerberos-realm-EXAMPLE-2024"}`, "https://x/y?sig=none-2024-documentation", "key=apps_v1beta1_deployments_2", "https://x/y?state=" + mixed, "https://x/y?k=c4n4ry0123456789abcdef", "https://x/y?token=2024-01-01T00:00:00.000Z",
		"password=$PASS", "password=%PASS%", "compass=north", "https://x/y?code=" + mixed[:39], "https://x/y?code=DE-2024-PRODUCT-001-and-many-more-words-than-these", "token=aB3dE5gH7jK9m",
		"https://x/y?hash=" + mixed, "https://x/y?ticket=" + mixed, "https://x/y?t=" + mixed, "https://x/y?s=" + mixed, "https://x/y?sign=" + mixed, "postgres://me:{{ $PW }}x@db/x",
	} {
		if secret.Looks(text) {
			t.Errorf("%q is an error in a file", text)
		}
	}
	for _, text := range []string{
		"https://f.azurewebsites.net/api/run?code=" + mixed + "xY1zA3bC5dE7==", "https://f.azurewebsites.net/api/run?code=aB3dE5gH7jK9mN1pQ3rS_tU7vW9xY-zA3bC5dE7fAzFuQ1w2E3r4T%3D%3D", "https://a.blob.core.windows.net/c/f?sv=2024&sig=" + mixed[:30] + "%2Fx%3D&sp=r",
		"https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "https://x/y?access_token=" + mixed, "https://x/y#id_token=" + mixed[:16],
		"--api-key=" + mixed[:20], `{"token": "` + mixed[:24] + `"}`, "Server=db;Password=x", "postgres://me:pw@db/x", "AccountKey=abc",
	} {
		if !secret.Looks(text) {
			t.Errorf("%q is no error in a file", text)
		}
	}
}

func TestFormsOfTokens(t *testing.T) {
	t.Parallel()
	const hex, mixed = "0123456789abcdef", "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7f"
	for name, token := range map[string]string{
		"github": "ghp_" + mixed[:36], "github, dull": "ghp_" + strings.Repeat("a", 36), "github app": "ghs_" + mixed[:36], "fine-grained": "github_pat_" + mixed[:22] + "_" + mixed,
		"gitlab": "glpat-" + mixed[:20], "gitlab deploy": "gldt-" + mixed[:20], "aws": "AKIAIOSFODNN7EXAMPLE", "slack": "xoxb-1234567890-1234567890123-" + mixed[:24], "slack, dull": "xoxb-" + strings.Repeat("a", 10), "slack app": "xapp-1-A1-123-" + hex,
		"prefect": "pnu_" + mixed[:36], "prefect bot": "pnb_" + mixed[:36], "stripe": "sk_live_" + mixed[:24], "stripe test": "sk_test_" + mixed[:24], "aws, old": "AKIA0189ABCDEFGHIJKL", "putty": "PuTTY-User-Key-File-3", "short jwt": "eyJhbGciOiJIUz.eyJzdWIiOiIxMj.", "azure": "AccountKey=" + mixed, "google login": "GOCSPX-" + mixed[:28], "google access": "ya29." + mixed[:20],
		"google": "AIza" + mixed[:35], "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + mixed,
		"npm": "npm_" + mixed[:36], "pypi": "pypi-AgEIcHlwaS5vcmc" + strings.Repeat(mixed, 2), "sendgrid": "SG." + mixed[:22] + "." + mixed + "abc", "hugging face": "hf_" + strings.Repeat("abCdefghijklmnopq", 2),
		"databricks": "dapi" + strings.Repeat(hex, 2), "digitalocean": "dop_v1_" + strings.Repeat(hex, 4), "shopify": "shpat_" + strings.Repeat(hex, 2), "openai": "sk-" + mixed + mixed[:8], "anthropic": "sk-ant-api03-" + strings.Repeat("aB3dE5", 15) + "xyzAA",
		"vault": "hvs." + strings.Repeat(mixed[:10], 9), "docker": "dckr_pat_" + mixed[:27], "pulumi": "pul-" + strings.Repeat(hex, 2) + hex[:8], "linear": "lin_api_" + mixed, "age": "AGE-SECRET-KEY-1" + strings.Repeat("Q", 58),
		"private key": "-----BEGIN OPENSSH PRIVATE KEY-----", "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----", "grafana": "glsa_" + mixed[:32] + "_" + hex[:8], "stripe webhook": "whsec_" + mixed[:32], "doppler": "dp.pt." + mixed + "abc",
	} {
		for _, text := range []string{token, "use " + token + ", please", "(" + token + ")", "x=" + token + "&y"} {
			if got := secret.Masked(text, []string{"note"}); !secret.Looks(text) || strings.Contains(got.(string), token) { //nolint:forcetypeassert // a text gives a text
				t.Errorf("%s: %q is shown as %v", name, text, got)
			}
			if line := secret.Line(text + "\n"); strings.Contains(line, token) || !strings.HasSuffix(line, "\n") {
				t.Errorf("%s: the line %q", name, line)
			}
		}
	}
}

// A private key in a log goes as a whole.
func TestPrivateKeyInLog(t *testing.T) {
	t.Parallel()
	const log = "-----BEGIN EC PRIVATE KEY-----c4n4ry-----END EC PRIVATE KEY-----\nbefore\n-----BEGIN RSA PRIVATE KEY-----\nMIIc4n4ry\nc4n4ry==\n-----END RSA PRIVATE KEY-----\nDB_PASS=c4n4ry\nlogin --password c4n4ry now\nafter\n"
	const want = "********\nbefore\n********\n********\n********\n********\nDB_PASS=********\nlogin --password ******** now\nafter\n"
	if got := secret.Text(log); got != want {
		t.Error(got)
	}
}
