// Package command does what the targets say, a short function for each: it opens what the target is about, calls a room, and prints.
//
// Start with [Deploy], which is the whole pipe on one screen. The rooms are deploying, build, run, serve, workers, verify, doctor, inventory,
// register, tail and browser below tasks/. They take plain values and know nothing of this package; what a flag may say is a struct that lives
// where it is used most. A new target is a method in package targets and a function here.
package command

// EnvOptions are the choices of targets that take an environment, and of which the result may be JSON.
type EnvOptions struct {
	Env  string
	JSON bool
}
