package distribution_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/distribution"
)

func TestStandard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, module string
		want            bool
	}{
		{"3.10", "tomllib", false}, {"3.11", "tomllib", true}, {"3.12", "imp", false}, {"3.11", "imp", true}, {"", "imp", true}, {"3.9", "imp", true},
		{"3.13", "cgi", false}, {"3.14", "annotationlib", true}, {"3.13", "annotationlib", false}, {"3.12", "os", true}, {"3.12", "asyncio", true},
		{"3.12", "__future__", true}, {"3.12", "pandas", false}, {"3.12", "", false}, {"3.12", "os ", false}, {"3.12", "3.10", false},
	} {
		if got := distribution.Standard(test.version, test.module); got != test.want {
			t.Errorf("%s in %q: got %v", test.module, test.version, got)
		}
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	for module, want := range map[string][]string{
		"yaml": {"pyyaml"}, "cv2.dnn": {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"}, "pandas.core.frame": {"pandas"},
		"google.cloud.bigquery.job": {"google-cloud-bigquery"}, "google": nil, "google.ads": nil, "acme_core": nil, "prefect_aws": {"prefect-aws"}, "sklearn": {"scikit-learn"}, "": nil,
		"a\nb": nil,
	} {
		got := distribution.Providers(module)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", module, diff)
		}
	}
}

func TestRequires(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"pandas": true, "six": true, "acme-core": false} {
		if _, ok := distribution.Requires(name); ok != want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	if got, _ := distribution.Requires("pandas"); !slices.Contains(got, "numpy") {
		t.Errorf("got %v", got)
	}
	if got := distribution.Modules("pyyaml"); !slices.Contains(got, "yaml") {
		t.Errorf("got %v", got)
	}
	if !distribution.Known("requests") || distribution.Known("acme-core") {
		t.Error("who knows which?")
	}
}
