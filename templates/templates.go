// Package templates carries the files that the tool writes for its users or installs from, inside the binary.
package templates

import "embed"

// FS holds the files of this folder by their path below it, such as python/requirements.lock. How the files under python/
// are made stands in python/README.md.
//
//go:embed *.tmpl pools/* python/* scale/*
var FS embed.FS
