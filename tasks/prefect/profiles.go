package prefect

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/flowmage/flowmage/tasks/fault"
)

// profile is the active one of Prefect's named groups of settings.
type profile struct {
	setting  Setting[string]
	origin   string
	file     string // where it stands, empty for one of Prefect's own
	values   map[string]string
	warnings []string
}

// builtin gives the settings of the profiles that Prefect brings along. Only local says anything about a client (Prefect:
// settings/profiles.toml).
func builtin() map[string]map[string]string {
	return map[string]map[string]string{"local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, "ephemeral": nil, "test": nil, "cloud": nil}
}

// readProfile reads the active profile: the one that PREFECT_PROFILE names, else the file's own choice.
func readProfile(environ map[string]string) (profile, error) {
	path := profilesPath(environ)
	var file struct {
		Active   string                    `toml:"active"`
		Profiles map[string]map[string]any `toml:"profiles"`
	}
	if path != "" {
		_, err := toml.DecodeFile(path, &file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return profile{}, brokenProfiles(path, err)
		}
	}
	p := profile{setting: Setting[string]{environ["PREFECT_PROFILE"], "PREFECT_PROFILE in the environment", FromEnvironment}}
	if p.setting.Value == "" {
		p.setting = Setting[string]{file.Active, path, FromProfile}
	}
	if p.setting.Value == "" {
		return profile{}, nil
	}
	name := p.setting.Value
	if values, ok := file.Profiles[name]; ok {
		p.file, p.values, p.origin = path, texts(values), fmt.Sprintf("profile %s in %s", name, path)
		return p, nil
	}
	values, ok := builtin()[name]
	p.values, p.origin = values, "Prefect's built-in profile "+name
	if !ok {
		known := append(slices.Collect(maps.Keys(file.Profiles)), "local", "ephemeral")
		slices.Sort(known)
		p.warnings = append(p.warnings, fmt.Sprintf("There is no profile %q (%s); as Prefect does, nothing is taken from it. Known: %s.",
			name, p.setting.Origin, strings.Join(slices.Compact(known), ", ")))
	}
	return p, nil
}

func brokenProfiles(path string, err error) error {
	f := &fault.Error{
		Code: fault.Usage, What: "Prefect's profiles can't be read", Where: path, Err: err,
		Next: "correct that file, or set PREFECT_PROFILES_PATH to another one",
	}
	if broken, ok := errors.AsType[toml.ParseError](err); ok {
		f.Where = fmt.Sprintf("%s:%d", path, broken.Position.Line)
		f.Why, f.Err = "it is no valid TOML: "+broken.Message, nil // the text around it may hold an API key
	}
	return f
}

// texts gives a profile's values as they would stand in the environment. Values that can't stand there are left out.
func texts(values map[string]any) map[string]string {
	out := map[string]string{}
	for key, v := range values {
		switch v := v.(type) {
		case string:
			out[strings.ToUpper(key)] = v
		case bool, int64, float64:
			out[strings.ToUpper(key)] = fmt.Sprint(v)
		}
	}
	return out
}

// profilesPath gives where the profiles are, or "" when there is no home to look into.
func profilesPath(environ map[string]string) string {
	home := cmp.Or(environ["HOME"], environ["USERPROFILE"])
	if path := environ["PREFECT_PROFILES_PATH"]; path != "" {
		path = strings.ReplaceAll(path, "$PREFECT_HOME", prefectHome(environ, home))
		return expand(path, home)
	}
	if dir := prefectHome(environ, home); dir != "" {
		return filepath.Join(dir, "profiles.toml")
	}
	return ""
}

func prefectHome(environ map[string]string, home string) string {
	switch {
	case environ["PREFECT_HOME"] != "":
		return expand(environ["PREFECT_HOME"], home)
	case home != "":
		return filepath.Join(home, ".prefect")
	default:
		return ""
	}
}

// expand replaces a leading ~ by the home folder.
func expand(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		return home + rest
	}
	return path
}
