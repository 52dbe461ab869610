//go:build unix

package targets

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// attack is what a page tries with a server that is not its own. Each try ends as "refused", or tells what it got.
const attack = `async (server, mark, code) => {
  const api = server + "/api", json = { "Content-Type": "application/json" }, got = {};
  const tries = [];
  // Nothing comes of some tries; a write may have to wait for the server's others.
  const attempt = (name, what, patience = /^write (as JSON|by XHR)/.test(name) ? 90_000 : 5_000) => tries.push((async () => {
    try { got[name] = (await Promise.race([what(), new Promise((_, no) => setTimeout(no, patience))])) || "refused"; } catch { got[name] = "refused"; }
  })());
  const text = async answer => (answer.type === "opaque" ? "" : "read: " + (await answer.text()).slice(0, 60));
  const flow = name => JSON.stringify({ name: mark + name });
  const taking = JSON.stringify({ code });

  for (const path of ["/", "/flows", "/ui-settings", "/api/health", "/api/admin/version", "/flowmage/open", "/flowmage/known", "/flowmage/entry.js"]) {
    attempt("read " + path, async () => text(await fetch(server + path)));
    attempt("read with credentials " + path, async () => text(await fetch(server + path, { credentials: "include" })));
    attempt("look at " + path, async () => text(await fetch(server + path, { mode: "no-cors" })));
  }
  attempt("list flows", async () => text(await fetch(api + "/flows/filter", { method: "POST", headers: json, body: "{}" })));
  attempt("list flows as text", async () => text(await fetch(api + "/flows/filter", { method: "POST", body: "{}" })));
  attempt("write as JSON", async () => text(await fetch(api + "/flows/", { method: "POST", headers: json, body: flow("json") })));
  attempt("write blindly", async () => text(await fetch(api + "/flows/", { method: "POST", mode: "no-cors", body: flow("blind") })));
  attempt("write by XHR", () => new Promise((yes, no) => {
    const x = new XMLHttpRequest();
    x.onload = () => yes("read: " + x.responseText.slice(0, 60)), x.onerror = no;
    x.open("POST", api + "/flows/"), x.send(flow("xhr"));
  }));
  attempt("write at leave", async () => { navigator.sendBeacon(api + "/flows/", new Blob([flow("beacon")], { type: "text/plain" })); });
  attempt("delete", async () => text(await fetch(api + "/variables/name/" + mark, { method: "DELETE" })));

  attempt("take a code", async () => text(await fetch(server + "/flowmage/open", { method: "POST", headers: json, body: taking })));
  attempt("take a code blindly", async () => text(await fetch(server + "/flowmage/open", { method: "POST", mode: "no-cors", body: taking })));
  attempt("take a code at leave", async () => { navigator.sendBeacon(server + "/flowmage/open", new Blob([taking], { type: "text/plain" })); });

  const form = (name, action, begin, end) => attempt(name, () => new Promise(yes => {
    const frame = Object.assign(document.createElement("iframe"), { name: "f" + Math.random() }), form = document.createElement("form");
    Object.assign(form, { method: "post", action, enctype: "text/plain", target: frame.name });
    const field = form.appendChild(document.createElement("input"));
    [field.name, field.value] = [begin, end]; // a form's text has a = between the two
    document.body.append(frame, form), frame.addEventListener("load", () => yes("")), form.submit();
  }));
  form("write by a form", api + "/flows/", '{"name": "' + mark + 'form", "tags": ["', '"]}');
  form("take a code by a form", server + "/flowmage/open", taking.slice(0, -1) + ', "x": "', '"}');

  for (const path of ["/events/in", "/events/out", "/logs/out", "/task_runs/subscriptions/scheduled", "/work_pools/" + mark + "/workers/connect"]) {
    for (const protocols of [[], ["prefect"]]) {
      attempt("socket " + path + " " + protocols, () => new Promise((yes, no) => {
        const socket = new WebSocket(api.replace("http", "ws") + path, protocols);
        socket.onopen = () => yes("open"), socket.onerror = no;
      }));
    }
  }
  const element = (name, tag, given) => attempt(name, () => new Promise((yes, no) => {
    const e = Object.assign(document.createElement(tag), given);
    e.onload = () => yes("loaded"), e.onerror = no, document.body.append(e);
  }));
  element("the script", "script", { src: server + "/flowmage/entry.js" });
  attempt("what is kept", async () => localStorage.getItem("prefect-password") || (document.cookie.includes("prefect-password") ? document.cookie : ""));
  await Promise.all(tries);
  return JSON.stringify(got);
}`

// elsewhere is a server of somebody else's, on the same machine. It gives its addresses by both names.
func elsewhere(t *testing.T) []string {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>free wallpapers</body></html>"))
	}))
	t.Cleanup(page.Close)
	return []string{page.URL, strings.Replace(page.URL, "127.0.0.1", "localhost", 1)}
}

// tried has the page that is open in the browser attack a server, and gives what it got where that was something.
func (b *browser) tried(t *testing.T, server, mark, code string) map[string]string {
	t.Helper()
	call := fmt.Sprintf("(%s)(%q, %q, %q)", attack, server, mark, code)
	text, err := ask(b, hangs, chromedp.Evaluate[string](call, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) < 45 {
		t.Fatalf("only %d tries: %v", len(got), got)
	}
	for name, what := range got {
		if what == "refused" {
			delete(got, name)
		}
	}
	return got
}

// otherOrigins opens pages of other origins in a browser that is let in, and has them try everything that a page can try. The same tries
// at a server that nobody guards show that they are real.
func otherOrigins(t *testing.T, l *lab) {
	b := l.browser(t).enter(t, l)
	open := strings.TrimSuffix(prerequisite.Server(t), "/api")
	pages, mark := elsewhere(t), fmt.Sprintf("origins-%d-", os.Getpid())
	from, servers := pages, []string{b.root, strings.Replace(b.root, "127.0.0.1", "localhost", 1)}
	if prerequisite.ServerPython(t) != prerequisite.Python(t) { // what differs between the names is the same whatever Prefect says
		from, servers = pages[1:], servers[:1]
	}
	for _, page := range from {
		b.open(t, page)
		for _, server := range servers {
			_, code, _ := strings.Cut(l.code(t, time.Now().Add(2*hangs)), "#")
			if got := b.tried(t, server, mark, code); len(got) > 0 {
				t.Errorf("a page of %s got from %s: %v", page, server, got)
			}
			if strings.Contains(page, "localhost") != strings.Contains(server, "localhost") {
				if framed := b.framed(t, server+"/flows", server+"/flowmage/open"); len(framed) > 0 {
					t.Errorf("a page of %s shows inside of it: %v", page, framed)
				}
			}
			if takeCode(t, b.root, b.root, code) != http.StatusOK {
				t.Errorf("a page of %s took a code away", page)
			}
		}
	}
	if found := written(t, l.client(t), mark); len(found) > 0 {
		t.Errorf("pages of other origins wrote %v", found)
	}

	b.open(t, pages[1])
	got := b.tried(t, open, mark, "none")
	for _, want := range []string{
		"read /", "read /api/admin/version", "list flows", "list flows as text", "write as JSON", "write by XHR",
		"socket /events/in ", "socket /events/out prefect",
	} {
		if got[want] == "" {
			t.Errorf("%q works nowhere: %v", want, got)
		}
	}
	if framed := b.framed(t, open+"/flows"); len(framed) != 1 {
		t.Errorf("pages that may be framed are not seen: %v", framed)
	}
	api, err := prefect.New(prefect.Options{URL: open + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	found := written(t, api, mark)
	if len(found) == 0 {
		t.Error("nobody can write so")
	}
	for _, f := range found {
		if err := prefecttest.DeleteFlow(t.Context(), api, f.ID); err != nil {
			t.Error(err)
		}
	}
}

// written are the flows that the attacks with a mark have made.
func written(t *testing.T, api *prefect.Client, mark string) []prefect.Flow {
	t.Helper()
	var names []string
	for _, way := range []string{"json", "blind", "xhr", "beacon", "form"} {
		names = append(names, mark+way)
	}
	found, err := api.FlowsByName(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// framed shows pages inside of the open one, and gives those that are really to be seen there.
func (b *browser) framed(t *testing.T, addresses ...string) []string {
	t.Helper()
	var out []string
	for _, address := range addresses {
		const load = `new Promise(yes => {
			const e = Object.assign(document.createElement("iframe"), { src: %q, onload: () => yes(true) });
			document.body.replaceChildren(e);
		})`
		if _, err := ask(b, hangs, chromedp.Evaluate[bool](fmt.Sprintf(load, address), chromedp.EvalAwaitPromise)); err != nil {
			t.Fatal(address, err)
		}
		if text := b.inFrame(t); strings.Contains(text, "Prefect") {
			out = append(out, address+": "+text)
		}
	}
	return out
}

// inFrame gives the text of the frame in the open page, which must be of another site: it is looked at in the process of its own that it has.
func (b *browser) inFrame(t *testing.T) string {
	t.Helper()
	targets, err := chromedp.Targets(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range targets {
		if i.Type == "iframe" {
			ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(i.TargetID), chromedp.WithDetachOnCancel())
			defer cancel()
			if err := chromedp.Do(ctx); err != nil {
				t.Fatal(err)
			}
			return evaluate[string](t, &browser{ctx: ctx, root: b.root}, `document.documentElement.textContent`)
		}
	}
	t.Fatal("there is no frame of another site")
	return ""
}
