package verify_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/verify"
)

// TestUIAddresses plants UIs that a browser would use in vain: they look for the API elsewhere, or are kept from it.
func TestUIAddresses(t *testing.T) {
	t.Parallel()
	another := newFake(t, one("/api/deployments/"+deploymentID, says(404, `{"detail":"Deployment not found"}`)), false)
	locked := newFake(t, map[string]http.HandlerFunc{
		"/api/deployments/" + deploymentID: says(401, `{"exception_message":"Unauthorized"}`), "/api/deployments/paginate": cors("*", "*"),
	}, false)
	same := newFake(t, map[string]http.HandlerFunc{"/api/deployments/paginate": cors("*", "*")}, false)
	const public = "prefect.example.com"
	for name, c := range map[string]struct {
		api, ui string // of the server; empty: a fake on loopback
		told    string // the API's address that the UI is told; PORT is the fake's
		cors    http.HandlerFunc
		auth    string
		trouble
	}{
		"another Prefect server":             {told: another.URL + "/api", trouble: trouble{rung: "UI's API address", says: []string{"another Prefect server answers there", "PREFECT_SERVER_API_PORT=PORT"}}},
		"a locked server":                    {told: locked.URL + "/api", cors: cors("*", "*"), trouble: trouble{rung: "UI's API address", state: ladder.Warned, says: []string{"wants credentials", "open the UI"}}},
		"the same server by another address": {told: same.URL + "/api", trouble: trouble{state: ladder.OK}},
		"only on the server's host": {
			api: "http://" + public + "/api", ui: "http://" + public, told: "http://127.0.0.1:4200/api",
			trouble: trouble{rung: "UI's API address", says: []string{"the browser's own machine", "PREFECT_SERVER_UI_API_URL=http://" + public + "/api"}},
		},
		"http in https": {
			api: "http://" + public + "/api", ui: "https://ui.example.com", told: "http://inner.example.com/api",
			trouble: trouble{rung: "UI's API address", says: []string{"browsers refuse such a mix"}},
		},
		"CORS for one origin":   {told: "http://localhost:PORT/api", cors: cors("https://ui.example.com", "*"), trouble: trouble{rung: "UI may use the API", says: []string{"only https://ui.example.com is allowed", "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"}}},
		"no CORS":               {told: "http://localhost:PORT/api", cors: says(400, ""), trouble: trouble{rung: "UI may use the API", says: []string{"no Access-Control-Allow-Origin"}}},
		"CORS without a header": {told: "http://localhost:PORT/api", auth: "BASIC", cors: cors("*", "content-type"), trouble: trouble{rung: "UI may use the API", says: []string{"the header authorization is not allowed"}}},
		"CORS as it should be":  {told: "http://localhost:PORT/api", cors: cors("*", "content-type"), trouble: trouble{state: ladder.OK}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil, false)
			port := f.URL[strings.LastIndex(f.URL, ":")+1:]
			f.routes["/ui-settings"] = says(200, strings.Replace(settings(strings.ReplaceAll(c.told, "PORT", port)), "{", `{"auth":"`+c.auth+`",`, 1))
			if c.cors != nil {
				f.routes["/api/deployments/paginate"] = c.cors
			}
			o, ui := prefect.Options{URL: f.URL + "/api"}, f.URL
			if c.api != "" { // the fake plays a proxy that knows the name
				o.URL, ui = c.api, c.ui
				o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(f.URL) }
			}
			s := server(t, o, ui)
			rungs := append(verify.Reach(s), verify.UI(s, verify.Shown{IDs: []string{deploymentID}})...).Climb(t.Context())
			if c.state == ladder.OK {
				if _, failed := rungs.Failure(); failed {
					t.Error(rungs)
				}
				return
			}
			for i := range c.says {
				c.says[i] = strings.ReplaceAll(c.says[i], "=PORT", "="+port)
			}
			if c.ui != "" && strings.HasPrefix(c.ui, "https") { // the pages themselves can't be fetched here
				rungs = rungs[:len(rungs)-3]
			}
			c.check(t, rungs)
		})
	}
}

func cors(origin, headers string) http.HandlerFunc {
	return says(200, "OK", "Access-Control-Allow-Origin", origin, "Access-Control-Allow-Headers", headers)
}

// TestSmoke plants runs that don't complete.
func TestSmoke(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]trouble{
		"crashed": {map[string]http.HandlerFunc{
			"/api/flow_runs/r": says(200, flowRun("CRASHED", "Process exited with status code: 1.")),
			"/api/logs/filter": says(200, `[{"id":"1","level":40,"message":"Traceback …\nModuleNotFoundError: No module named 'openpyxl'"}]`),
		}, "run of d", "", []string{"ended as CRASHED", "No module named 'openpyxl'", "/runs/flow-run/r"}},
		"parameters": {one("/api/deployments/"+deploymentID+"/create_flow_run", says(409, `{"detail":"Validation failed for field 'n'."}`)),
			"run of d", "", []string{"Validation failed for field 'n'", "correct the value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, c.routes, false)
			s := server(t, prefect.Options{URL: f.URL + "/api"}, f.URL)
			c.check(t, append(verify.Reach(s), run.Smoke(s.API, s.UI, "d", deploymentID, verify.ForRuns("")...)...).Climb(t.Context()))
		})
	}
}
