package imports

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
	"github.com/flowmage/flowmage/tasks/tree"
)

// mostScripts is how many files are looked into for commands that install something.
const mostScripts = 200

// elsewhere gives a file of the repository that names one of some distributions, though not for the flows in question as far as is known: another declaration, or
// whatever may run an installer.
func (j *judge) elsewhere(distributions []string) string {
	if j.naming == nil {
		j.naming = map[string]string{}
		for _, name := range j.declaring {
			for _, e := range j.read(name).Entries {
				if _, known := j.naming[e.Known]; !known {
					j.naming[e.Known] = name
				}
			}
		}
		for _, name := range j.Library.Find(installs) {
			j.mention(name)
		}
	}
	for _, name := range distributions {
		if file := j.naming[name]; file != "" {
			return file
		}
	}
	return ""
}

// installs tells whether a file may run an installer, by its name: a Dockerfile, a script, a job of a CI system, settings of Prefect.
func installs(name string) bool {
	base := strings.ToLower(path.Base(name))
	return strings.Contains(base, "dockerfile") || base == "makefile" || base == "justfile" || base == "setup.py" || base == "noxfile.py" || base == "tasks.py" ||
		slices.Contains([]string{".sh", ".bash", ".ps1", ".yaml", ".yml", ".tf", ".nix"}, path.Ext(base))
}

// mention takes in every word of a file that installs something.
func (j *judge) mention(name string) {
	if j.scripts++; j.scripts > mostScripts {
		return
	}
	text, err := tree.Read(j.Root, name, tree.Text)
	if err != nil {
		return
	}
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool { return !isName(r) }) {
		n := requirement.Normal(string(bytes.Trim(word, "-_.")))
		if _, known := j.naming[n]; !known {
			j.naming[n] = name
		}
	}
}

func isName(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}
