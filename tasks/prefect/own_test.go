package prefect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestOwnCredentials(t *testing.T) {
	t.Parallel()
	general := Settings{
		APIKey: Setting[string]{"general", "PREFECT_API_KEY in the environment", FromEnvironment}, AuthString: Setting[string]{"me:general", "profile", FromProfile},
		Headers: Setting[map[string]string]{map[string]string{"a": "b"}, "profile", FromProfile},
	}
	own := func(v, name string) Setting[string] { return Setting[string]{v, name + " in the environment", FromOwn} }
	only := Settings{APIKey: own("mine", "FLOWMAGE_EU_WEST_API_KEY"), Headers: general.Headers}
	headers := general
	headers.Headers = Setting[map[string]string]{map[string]string{"c": "d"}, "FLOWMAGE_EU_WEST_HEADERS in the environment", FromOwn}
	for name, c := range map[string]struct {
		environ []string
		want    Settings
	}{
		"none":                          {nil, general},
		"empty":                         {[]string{"FLOWMAGE_EU_WEST_API_KEY= "}, general},
		"another environment's":         {[]string{"FLOWMAGE_EU_API_KEY=x", "FLOWMAGE_WEST_API_KEY=x"}, general},
		"a key in place of both":        {[]string{"FLOWMAGE_EU_WEST_API_KEY=mine"}, only},
		"headers beside general others": {[]string{`FLOWMAGE_EU_WEST_HEADERS={"c": "d"}`}, headers},
	} {
		got, err := general.Own(c.environ, "eu-west")
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	if _, err := general.Own([]string{"FLOWMAGE_EU_WEST_HEADERS=x"}, "eu-west"); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
}
