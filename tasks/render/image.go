package render

import (
	"fmt"
	"io/fs"
)

// Dockerfile is the template for flows that have no Dockerfile.
const Dockerfile = "Dockerfile.tmpl"

// BaseImage is what the built-in Dockerfile starts from, where the settings name nothing else.
const BaseImage = "python:3.12-slim"

// Image is what the template of a Dockerfile sees.
type Image struct {
	Flow         string   // its name
	Base         string   // the image to start from
	Root         string   // the folder of the code
	Files        []string // files and folders of the code, from the repository's root
	Requirements []string // requirements files
	Volumes      []string // folders that volumes are mounted on
}

// Docker writes a Dockerfile through the template Dockerfile.tmpl, the user's own or the built-in one (see [Execute]).
func Docker(own, builtIn fs.FS, i Image) ([]byte, error) { return Execute(own, builtIn, Dockerfile, i) }

// Whole writes the Dockerfile that Prefect's own build step makes when it is told none: everything in the folder, below /opt/prefect.
// (Prefect: prefect_docker/deployments/steps.py.)
func Whole(folder string, requirements bool) []byte {
	root := "/opt/prefect/" + folder + "/"
	text := "FROM prefecthq/prefect:" + PrefectVersion + "-python3.12\n"
	if requirements {
		text += fmt.Sprintf("COPY requirements.txt %[1]srequirements.txt\nRUN uv pip install -r %[1]srequirements.txt\n", root)
	}
	return fmt.Appendf(nil, "%sCOPY . %s\nWORKDIR %[2]s\n", text, root)
}
