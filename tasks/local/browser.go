package local

import (
	"errors"
	"os/exec"
	"runtime"

	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// Browse shows a file or an address in the user's browser, which outlives this process. The channel tells how the program ended that looks
// for the browser; that it ended well does not mean that somebody saw the page. It fails where there is no desktop.
func Browse(environ []string, target string) (<-chan error, error) {
	argv, err := browser(runtime.GOOS, environ)
	if err != nil {
		return nil, err
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, errors.New(argv[0] + " is not on the PATH")
	}
	cmd := exec.Command(program, append(argv[1:], target)...) //nolint:noctx // a browser lives on
	cmd.Env = environ
	identity.Detach(cmd) // a Ctrl-C of the terminal is not meant for it
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

// browser gives the beginning of the command line that shows something in the user's browser.
func browser(system string, environ interpreter.Variables) ([]string, error) {
	far := environ.Get("SSH_CONNECTION") != ""
	switch system {
	case "windows":
		return []string{"rundll32.exe", "url.dll,FileProtocolHandler"}, nil
	case "darwin":
		if far {
			return nil, errors.New("this is a session on another machine")
		}
		return []string{"open"}, nil
	default:
		if environ.Get("DISPLAY") == "" && environ.Get("WAYLAND_DISPLAY") == "" {
			return nil, errors.New("there is no desktop here")
		}
		return []string{"xdg-open"}, nil
	}
}
