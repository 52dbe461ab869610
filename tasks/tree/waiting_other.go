//go:build !unix

package tree

// withoutWaiting is for systems where no file of a tree can be a pipe.
const withoutWaiting = 0
