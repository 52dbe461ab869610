package local

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// judge asks a guard in front of an app that lets everybody in, and prints what becomes of each request: the status, or whether a socket was heard.
const judge = `import asyncio, json, os, sys
import flowmage_guard
home, heard = sys.argv[1], []
async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        if scope["path"] == "/api/early":
            await send({"type": "websocket.send", "text": "in"})
        message = await receive()
        if message["type"] == "websocket.receive":
            heard.append(message)
            await send({"type": "websocket.send", "text": "in"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
async def ask(case):
    kind, _, path = case["ask"].partition(" ")
    headers = [(k.encode(), v.encode()) for k, v in [("host", "127.0.0.1:4200")] * ("host" not in [h[0] for h in case["headers"]]) + case["headers"]]
    scope = {"type": "websocket" if kind == "WS" else "http", "path": path, "headers": headers, "query_string": b""} | ({} if kind == "WS" else {"method": kind})
    sent = []
    heard.clear()
    async def receive():
        return {"type": "websocket.receive", "text": case["says"]} if sent else {"type": "websocket.connect"}
    async def send(message):
        sent.append(message)
    await flowmage_guard.Guard(app, home, 4200, "flowmage:word")(scope, receive, send)
    if kind == "WS":
        return "in" if any(m["type"] == "websocket.send" for m in sent) else "heard" if heard else "out"
    framed = sent[0]["status"] == 200 and path != "/flowmage/proof" and (b"x-frame-options", b"DENY") not in sent[0]["headers"]
    return str(sent[0]["status"]) + framed * " framed"
os.makedirs(os.path.join(home, "run"), exist_ok=True)
answers = []
for case in json.loads(CASES):
    with open(os.path.join(home, "run", "forwarder.json"), "w") as record:
        json.dump({"Spec": case["forwarder"]}, record)
    answers.append(asyncio.run(ask(case)))
print(json.dumps(answers))
`

// TestGuardJudges asks the guard alone, for each of its barriers what only that one stops or lets pass; TestOwnServerGuarded asks a whole server.
func TestGuardJudges(t *testing.T) {
	t.Parallel()
	type pairs = [][2]string
	basic := func(text string) [2]string {
		return [2]string{"authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(text))}
	}
	known := basic("flowmage:word")
	header := func(name, value string) pairs { return pairs{known, {name, value}} }
	cases := []struct {
		Ask       string `json:"ask"`
		Headers   pairs  `json:"headers"`
		Says      string `json:"says"`
		Forwarder string `json:"forwarder"`
		want      string
	}{
		{Ask: "GET /api/flows", Headers: pairs{known}, want: "200"},
		{Ask: "GET /api/flows", Headers: pairs{}, want: "401"},
		{Ask: "GET /api", Headers: pairs{}, want: "401"},
		{Ask: "GET /apis", Headers: pairs{}, want: "200"},
		{Ask: "GET /api/flows", Headers: pairs{basic("flowmage:other")}, want: "401"},
		{Ask: "GET /api/flows", Headers: pairs{{"authorization", strings.Replace(known[1], "Basic", "Bearer", 1)}}, want: "401"},
		{Ask: "GET /api/flows", Headers: pairs{known, known}, want: "401"},
		{Ask: "GET /docs", Headers: pairs{}, want: "401"},
		{Ask: "GET /redoc", Headers: pairs{}, want: "401"},
		{Ask: "GET /openapi.json", Headers: pairs{}, want: "401"},
		{Ask: "GET /api/health", Headers: pairs{}, want: "200"},
		{Ask: "GET /api/ready", Headers: pairs{}, want: "200"},
		{Ask: "POST /api/health", Headers: pairs{}, want: "401"},
		{Ask: "GET /runs", Headers: pairs{}, want: "200"},
		{Ask: "GET /flowmage/proof", Headers: pairs{}, want: "200"},
		{Ask: "OPTIONS /api/flows", Headers: pairs{{"origin", "http://127.0.0.1:4200"}, {"access-control-request-method", "POST"}}, want: "200"},
		{Ask: "OPTIONS /api/flows", Headers: pairs{{"access-control-request-method", "POST"}}, want: "401"},
		{Ask: "OPTIONS /api/flows", Headers: pairs{{"origin", "http://127.0.0.1:4200"}}, want: "401"},
		{Ask: "POST /api/flows", Headers: pairs{{"origin", "http://127.0.0.1:4200"}, {"access-control-request-method", "POST"}}, want: "401"},
		{Ask: "GET /runs", Headers: pairs{{"host", "host.docker.internal:4200"}, {"origin", "http://host.docker.internal:4200"}}, want: "200"},
		{Ask: "GET /runs", Headers: pairs{{"host", "localhost"}}, want: "200"},
		{Ask: "GET /runs", Headers: pairs{{"host", "[::1]:4200"}}, want: "200"},
		{Ask: "GET /runs", Headers: pairs{{"host", "host.docker.internal:4200"}}, want: "200"},
		{Ask: "GET /runs", Headers: pairs{{"host", "rebound.example.com:4200"}}, want: "403"},
		{Ask: "GET /runs", Headers: pairs{{"host", "127.0.0.1:4200"}, {"host", "rebound.example.com"}}, want: "403"},
		{Ask: "GET /runs", Headers: pairs{{"host", ""}}, want: "403"},
		{Ask: "GET /runs", Headers: pairs{{"host", "172.17.0.1:4200"}}, want: "403"},
		{Ask: "GET /runs", Headers: pairs{{"host", "172.17.0.1:4200"}}, Forwarder: "172.17.0.1:4200", want: "200"},
		{Ask: "GET /runs", Headers: pairs{{"host", "evil.example.com:4200"}}, Forwarder: "evil.example.com:4200", want: "403"},
		{Ask: "GET /api/flows", Headers: header("origin", "http://localhost:4200"), want: "200"},
		{Ask: "GET /api/flows", Headers: header("origin", "http://localhost:4201"), want: "403"},
		{Ask: "GET /api/flows", Headers: header("origin", "null"), want: "403"},
		{Ask: "GET /api/flows", Headers: append(header("origin", "http://127.0.0.1:4200"), [2]string{"origin", "https://evil.example.com"}), want: "403"},
		{Ask: "GET /api/flows", Headers: header("sec-fetch-site", "same-origin"), want: "200"},
		{Ask: "GET /api/flows", Headers: header("sec-fetch-site", "none"), want: "200"},
		{Ask: "GET /api/flows", Headers: header("sec-fetch-site", "cross-site"), want: "403"},
		{Ask: "GET /api/flows", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "document"}}...), want: "403"},
		{Ask: "GET /docs", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "document"}}...), want: "403"},
		{Ask: "GET /runs", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "document"}}...), want: "200"},
		{Ask: "POST /runs", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "document"}}...), want: "403"},
		{Ask: "GET /runs", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "iframe"}}...), want: "403"},
		{Ask: "GET /runs", Headers: append(header("sec-fetch-site", "cross-site"), pairs{{"sec-fetch-mode", "no-cors"}, {"sec-fetch-dest", "document"}}...), want: "403"},
		{Ask: "POST /api/flows", Headers: header("referer", "https://evil.example.com/x"), want: "403"},
		{Ask: "POST /api/flows", Headers: header("referer", "http://[evil"), want: "403"},
		{Ask: "POST /api/flows", Headers: header("referer", "http://127.0.0.1:4200/runs"), want: "200"},
		{Ask: "POST /api/flows", Headers: append(header("referer", "https://evil.example.com/x"), [2]string{"sec-fetch-site", "same-origin"}), want: "200"},
		{Ask: "GET /api/flows", Headers: header("referer", "https://evil.example.com/x"), want: "200"},
		{Ask: "WS /api/events/in", Headers: header("referer", "https://evil.example.com/x"), want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{known}, Says: "hello", want: "in"},
		{Ask: "WS /api/events/in", Headers: pairs{}, Says: `{"type": "auth", "token": "flowmage:word"}`, want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "a, prefect"}}, Says: `{"type": "auth", "token": "flowmage:word"}`, want: "in"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: `{"type": "auth", "token": "other"}`, want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: `{"type": "auth", "token": 1}`, want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: `{"type": "event", "token": "flowmage:word"}`, want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: "[", want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: "[1]", want: "out"},
		{Ask: "WS /api/events/in", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: `{"type": "auth", "token": "\ud800"}`, want: "out"},
		{Ask: "WS /api/early", Headers: pairs{{"sec-websocket-protocol", "prefect"}}, Says: "hello", want: "out"},
		{Ask: "WS /api/events/in", Headers: header("host", "rebound.example.com"), Says: "hello", want: "out"},
	}
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	said := program(t, strings.Replace(judge, "CASES", "r'''"+string(text)+"'''", 1))
	var got []string
	if err := json.Unmarshal([]byte(said), &got); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for i, x := range cases {
		if diff := cmp.Diff(x.want, got[i]); diff != "" {
			t.Errorf("%s %v %q: %s", x.Ask, x.Headers, x.Says, diff)
		}
	}
}
