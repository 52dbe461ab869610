package image

import "regexp"

// stages are the lines with which the two builders begin a step of a Dockerfile: `Step 3/9 : RUN …` and `#7 [base 3/9] RUN …`.
var stages = regexp.MustCompile(`^(?:Step |#\d+ \[(?:\S+ )?)(\d+/\d+)(?: :|\])`)

// Stage gives how far a build has come that writes this line, such as 3/9; false for a line that does not say.
func Stage(line string) (string, bool) {
	m := stages.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return m[1], true
}
