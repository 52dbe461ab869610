package rulebook

// Elsewhere gives the tests that show rules which files alone can't: they need a server, Docker, git, this machine or another process.
func Elsewhere() map[string]string { return map[string]string{} }
