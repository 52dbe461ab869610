package secret_test

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/secret"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	for name := range strings.FieldsSeq(`
		SMTP_PASS DB_PASS db_pass DbPass PGPASSWORD MYSQL_PWD ACCESSKEY API_KEYS JWT_SIGNING SIGNING_KEY CLIENTSECRET client_secret clientSecret
		DBPassword APIKey APIKeys apikey api-key x-api-key X_API_KEY AWSSecretAccessKey AWS_SECRET_ACCESS_KEY aws_session_token SECRET_KEY_BASE
		DJANGO_SECRET_KEY FERNET_KEY AIRFLOW__CORE__FERNET_KEY SENTRY_DSN dsn connection_string CONNECTIONSTRING AzureWebJobsStorageConnectionString
		GITHUB_TOKEN githubtoken BOTTOKEN bot_token accessToken refresh_token ID_TOKEN tokens token password2 PASSWORD_1 userPassword passwd
		PASSPHRASE pass_phrase SSHPASS smtppass REDISPASS ADMINPWD sqlpwd pw DB_PW private_key PRIVATEKEY privateKeyPem ssh_key SSHKEY rsa_key
		GOOGLE_APPLICATION_CREDENTIALS_JSON credentials creds AUTH auth_string PREFECT_API_AUTH_STRING Authorization PROXY_AUTHORIZATION basic_auth
		cookie session_cookie SESSIONID csrf_token SLACK_WEBHOOK slack_webhook_url WEBHOOK_URL TEAMS_WEBHOOK sas_token SAS_URL AZURE_STORAGE_KEY account_key
		storageaccountkey SUBSCRIPTION_KEY ocp-apim-subscription-key license_key LICENSEKEY encryption_key ENCRYPTIONKEY hmac_secret bearer BEARER_TOKEN
		JWT_SECRET jwt OTP totp_seed webhook_secret webhookSecret deploy_key deploykey master_key unseal_keys ssh_keys signing_keys SECRETS secret
		pwd passwort kennwort senha contraseña client_secret_value password_hash vault_secret_id SharedAccessSignature sharedaccesskey consumerkey
		service_account_key key routing_key integration_key openai_key STRIPE_KEY token_value TWILIO_AUTH_TOKEN npm_token _authToken
		PROJECT_API_KEY POSTHOG_PROJECT_API_KEY projectApiKey KEY_VALUE
		passcode contrasena DB_CRED PRIVATE_PEM COOKIES SIGNING_PEM HMAC SALT PEPPER CSRF XSRF SESSID PHPSESSID WEBHOOKS MNEMONIC PASSKEY PASSKEYS
		DB_CONNSTR connectionStr motDePasse v2Auth HTTPAuth API_KEYs OTP1
		dbpass pgpass mysqlpass sqlpass userpass ftppass sftppass mailpass imappass rootpass adminpass loginpass ldappass mongopass storepass keystorepass
		httppass proxypass mypass postgrespass rabbitpass amqppass apppass clientpass serverpass accountpass servicepass emailpass databasepass encpass
		sudopass svnpass gitpass
	`) {
		if !secret.Named([]string{name}) {
			t.Errorf("%s is not taken for a secret", name)
		}
	}
	for name := range strings.FieldsSeq(`
		author authors keyboard monkey primary_key PRIMARY_KEY primaryKey sort_key partition_key foreign_key public_key PUBLICKEY publicKey token_limit max_tokens
		maxTokens MAXTOKENS max_new_tokens prompt_tokens tokens_per_minute num_tokens token_count stop_tokens next_token page_token nextPageToken tokenizer
		tokenize passenger passengers compass bypass pass_rate pass_through low_pass first_pass passes passive keys keyword keywords key_columns key_field
		key_name key_path object_key s3_key cache_key cache_key_fn idempotency_key group_key join_key hotkey turkey whiskey keyspace key_length
		token_url token_endpoint TOKEN_FILE token_type PASSWORD_FILE password_length password_policy secret_name SECRET_PATH secret_arn auth_type auth_method
		auth_url authenticated private_subnet private_ip jwt_algorithm jwt_issuer cookie_domain cookie_name PWD OLDPWD secretary credit_card_type donkey
		monkeys assign signal design signature_version dashboard_url webhook_port webhook_id salted_hash region level limit batch_size spectacular
		FLOWMAGE_CREDENTIALS_FOR PGPASSFILE SSL_KEY_FILE PRIVATE_KEY_PATH KEY_VAULT_NAME AUTH0_DOMAIN patoken_size context_window embedding_tokens hockey jockey
		user username email host port database schema query sql date start_date concurrency accessible accessed apis SONAR_PROJECT_KEY
		secretariat getpwd
		JIRA_PROJECT_KEY project_key projectKey PROJECT_KEYS projectkey KMS_KEY_ID AWS_ACCESS_KEY_ID key_id keyId private_key_id SIGNING_KEY_IDS
	`) {
		if secret.Named([]string{name}) {
			t.Errorf("%s is taken for a secret", name)
		}
	}
	if !secret.Named(strings.Split("secrets.a.b", ".")) || secret.Named(nil) {
		t.Error("names above count too")
	}
}
