package rulebook

// Elsewhere gives the tests that show rules which files alone can't: they need a server, Docker, git, this machine or another process. Each is a
// package and a test of it.
func Elsewhere() map[string]string {
	const doctor, containers, strangers = "tasks/doctor TestDiagnose", "magefiles/targets TestScripts/containers", "magefiles/targets TestScripts/untrusted"
	out := map[string]string{
		"file-unreadable": "magefiles/targets TestScripts/monorepo", "file-size": "magefiles/targets TestScripts/manifest_files", "encoding": "magefiles/targets TestScripts/manifest_files",
		"variable-unknown": "magefiles/targets TestScripts/trusted", "credential-place": "magefiles/targets TestScripts/trusted",
		"guard": "tasks/check TestGuards", "code-uncommitted": "tasks/check TestCode", "code-unpushed": "tasks/check TestCode",
		"guard-changed": strangers, "base-missing": strangers, "ignore-changed": "magefiles/targets TestScripts/untrusted_rules",
		"image": containers, "image-context": containers, "image-link": containers, "containers-skipped": containers,
		"schema-import": "magefiles/targets TestScripts/schemas", "schema-differs": "magefiles/targets TestScripts/schemas",
		"served-name-duplicate": "tasks/draft TestPart", "pool-unknown": "tasks/plan TestPlanText", "pool-missing": "magefiles/targets TestScripts/manifest_files",
		"pool-type": "tasks/apply TestPoolOfAnotherType", "deployment-foreign": "tasks/apply TestAdopt", "deployment-claimed": "tasks/apply TestClaimed",
		"deployment-served": "tasks/apply TestAdopt", "reference-missing": "tasks/apply TestPrecheck", "job-variable": "tasks/apply TestPrecheck",
		"policy-example": "magefiles/targets TestScripts/policies", "policy-changed": "magefiles/targets TestScripts/policies_untrusted",
		"schemas-untrusted": "magefiles/targets TestScripts/untrusted_rules",
	}
	for _, code := range []string{
		"repository", "server", "server-choice", "ladder", "tool-git", "tool-python", "tool-docker", "tool-go", "tool-uv", "embedded-python", "embedded-unhealthy", "embedded-stopped",
		"port-taken", "clock-skew", "disk-full", "disk-low", "inodes-low", "server-single", "package-bad", "release-mismatch", "pool-idle", "runs-late", "run-left", "lock-stale",
		"lock-held", "deployment-left",
	} {
		out[code] = doctor
	}
	return out
}
