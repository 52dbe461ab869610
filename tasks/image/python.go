package image

import "strings"

// PythonIn gives the version of Python, such as 3.12, in what a Dockerfile makes, by the name of the image that its last stage starts from; "" where that does not
// tell.
func PythonIn(dockerfile []byte, args map[string]string) string {
	d := readDockerfile(dockerfile)
	if len(d.from) == 0 {
		return ""
	}
	at := len(d.from) - 1
	name := d.expand(d.from[at].image, args)
	for i := at - 1; i >= 0; i-- { // a stage of its own
		if strings.EqualFold(d.from[i].stage, name) {
			name = d.expand(d.from[i].image, args)
		}
	}
	return PythonOf(name)
}

// PythonOf gives the version of Python that the name of an image tells: python:3.12-slim, prefecthq/prefect:3-python3.12.
func PythonOf(name string) string {
	for rest := name; ; {
		_, after, found := strings.Cut(rest, "python")
		if !found {
			return ""
		}
		rest = after
		digits, found := strings.CutPrefix(strings.TrimPrefix(after, ":"), "3.")
		if !found {
			continue
		}
		end := 0
		for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
			end++
		}
		if end > 0 {
			return "3." + digits[:end]
		}
	}
}
