package image_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/image"
)

func TestStage(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"Step 3/9 : RUN pip install -r requirements.txt": "3/9",
		"#7 [3/9] RUN pip install -r requirements.txt":   "3/9",
		"#12 [build 10/11] COPY core /opt/flows/core":    "10/11",
		"#7 DONE 0.3s":         "",
		"#1 [internal] load":   "",
		" ---> Running in 3/9": "",
		"Collecting Step 3/9":  "",
	} {
		got, ok := image.Stage(line)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q %v, want %q", line, got, ok, want)
		}
	}
}
