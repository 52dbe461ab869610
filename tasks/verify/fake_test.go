package verify_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/verify"
)

// fake is a Prefect server in which everything is well, until a test gives some of its paths another answer.
type fake struct {
	*httptest.Server
	routes map[string]http.HandlerFunc
}

// The one deployment of the fake server.
const (
	deploymentID = "11111111-1111-1111-1111-111111111111"
	poolName     = "p"
)

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		w.Header().Set("Retry-After", "0")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	wellPool   = `{"name":"p","type":"process"}`
	wellQueues = `[{"name":"default","is_paused":false}]`
	wellPage   = `<html><script type="module" src="/assets/app.js"></script></html>`
)

func wellWorkers() string { return worker("ONLINE", time.Second) }

func worker(status string, age time.Duration) string {
	return `[{"name":"w1","status":"` + status + `","heartbeat_interval_seconds":30,"last_heartbeat_time":"` + time.Now().Add(-age).UTC().Format(time.RFC3339) + `"}]`
}

func flowRun(state, message string) string {
	return `{"id":"r","name":"happy-fox","state":{"type":"` + state + `","name":"` + state + `","message":"` + message + `"}}`
}

func deployment(paused, active bool) string {
	text, _ := json.Marshal(map[string]any{
		"id": deploymentID, "name": "d", "paused": paused, "schedules": []any{map[string]any{"active": active, "schedule": map[string]any{"cron": "* * * * *"}}},
	})
	return string(text)
}

// newFake starts a server. Routes are like "/api/health"; api_url in the UI's settings is its own address.
func newFake(t *testing.T, over map[string]http.HandlerFunc, secure bool) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, routes := range []map[string]http.HandlerFunc{over, f.routes} {
			if answer, ok := routes[r.URL.Path]; ok {
				answer(w, r)
				return
			}
		}
		says(http.StatusNotFound, `{"detail":"Not Found"}`)(w, r)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		f.StartTLS()
	} else {
		f.Start()
	}
	t.Cleanup(f.Close)
	f.routes = map[string]http.HandlerFunc{
		"/api/health":                                           says(200, "true"),
		"/api/admin/version":                                    says(200, `"3.8.8"`),
		"/api/csrf-token":                                       says(200, `{"token":"t","client":"c","expiration":"2099-01-01T00:00:00Z"}`),
		"/api/admin/settings":                                   says(200, `{}`),
		"/api/work_pools/filter":                                says(200, "["+wellPool+"]"),
		"/api/work_pools/p":                                     says(200, wellPool),
		"/api/work_pools/p/queues/filter":                       says(200, wellQueues),
		"/api/work_pools/p/workers/filter":                      says(200, wellWorkers()),
		"/api/flow_runs/filter":                                 says(200, `[{"id":"r","deployment_id":"`+deploymentID+`","expected_start_time":"2030-01-01T00:00:00Z"}]`),
		"/api/deployments/filter":                               says(200, "["+deployment(false, true)+"]"),
		"/api/deployments/" + deploymentID:                      says(200, deployment(false, true)),
		"/api/deployments/" + deploymentID + "/create_flow_run": says(201, flowRun("SCHEDULED", "")),
		"/api/flow_runs/r":                                      says(200, flowRun("COMPLETED", "")),
		"/api/logs/filter":                                      says(200, "[]"),
		"/ui-settings":                                          says(200, settings(f.URL+"/api")),
		"/deployments":                                          says(200, wellPage),
		"/v2/deployments":                                       says(200, wellPage),
		"/deployments/deployment/" + deploymentID:               says(200, wellPage),
		"/v2/deployments/deployment/" + deploymentID:            says(200, wellPage),
		"/assets/app.js":                                        says(200, "1", "Content-Type", "text/javascript"),
	}
	return f
}

func settings(api string) string {
	return `{"api_url":"` + api + `","available_uis":["v1","v2"],"default_ui":"v2","v1_base_url":"/","v2_base_url":"/v2"}`
}

// server gives the fake as the ladder sees it.
func server(t *testing.T, o prefect.Options, ui string) verify.View {
	t.Helper()
	api, err := prefect.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return verify.View{API: api, Origin: "a test", UI: ui, Env: "dev", Patience: time.Millisecond}
}
