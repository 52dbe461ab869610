// Package requirement reads what Python projects write about packages and versions, as pip and uv do: versions and specifiers (PEP 440), and
// requirements with extras, addresses and markers (PEP 508).
//
// Start with [Parse], which gives a [Requirement]. A [Version] compares with others, a [Set] of specifiers tells which versions it takes, and whether
// it can take any at all, by intervals on the line of all versions (interval.go). A [Marker] is evaluated for an [Environment]; where that does not
// say what the marker asks for, the answer is [Unknown].
//
// What a text means is what the library packaging makes of it: testdata/packaging.json has every text of its tests with its verdict.
package requirement
