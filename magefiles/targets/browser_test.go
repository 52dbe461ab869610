//go:build unix

package targets

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// answering is how long a page may take to tell what it shows, before it is asked again.
const answering = 5 * time.Second

// browser is a headless Chromium that looks at the pages of one Prefect server.
type browser struct {
	ctx   context.Context //nolint:containedctx // chromedp keeps a tab in it
	root  string
	again string // the address to load again in place of the open page's, which no longer holds a code that was in it
}

// openBrowser starts Chromium. Without one the test is skipped at home and fails in CI.
func openBrowser(t *testing.T, root string) *browser {
	t.Helper()
	program := prerequisite.Program(t, "chromium", "chromium-browser", "google-chrome")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1600, 900))
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	return newTab(t, allocator, strings.TrimSuffix(root, "/"))
}

// newTab opens a tab, which lives as long as the test.
func newTab(t *testing.T, parent context.Context, root string, options ...chromedp.ContextOption) *browser { //nolint:revive // the context is not this function's own
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // without a limit, which would be that of the tab's life
		t.Fatal(err)
	}
	return &browser{ctx: ctx, root: root}
}

// ask has the browser do something. What is asked of a page that gives way to another one is sometimes never answered.
func ask[T any](b *browser, patience time.Duration, what chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, what)
}

// open goes to an address. Where the end of its loading is not heard of, what is to be seen there tells whether it is loaded. A busy browser now and
// then begins no navigation at all: it is told once more, as long as the server answers.
func (b *browser) open(t *testing.T, address string) {
	t.Helper()
	before, _ := ask(b, answering, chromedp.Location())
	for range 3 {
		_, err := ask(b, 20*time.Second, chromedp.Navigate(address))
		if err == nil {
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%s: %v", address, err)
		}
		if at, err := ask(b, answering, chromedp.Location()); err == nil && at != before {
			return
		}
		if strings.HasPrefix(address, "http") {
			responds(t, address)
		}
		t.Logf("the browser does not go to %s", address)
	}
}

// responds makes sure that it is not the server that keeps the browser waiting.
func responds(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s does not answer: %v", address, err)
	}
	_ = resp.Body.Close()
}

// shown loads a page anew and waits until its text holds all the wanted ones; it gives how long that took. A page that stays empty on a busy machine
// is loaded once more, as people would do, and what it had of its parts is logged.
func (b *browser) shown(t *testing.T, path string, wants ...string) time.Duration {
	t.Helper()
	start := time.Now()
	for {
		b.open(t, b.root+path)
		shows, err := b.holds(t, empty, wants...)
		switch {
		case err == nil:
			return time.Since(start)
		case strings.TrimSpace(shows) != "":
			b.await(t, path, hangs, wants...)
			return time.Since(start)
		case time.Since(start) > hangs:
			t.Fatalf("%s stays empty: %v", path, err)
		}
		t.Logf("%s is empty: %v\n%s", path, err, b.parts())
	}
}

// empty is how long a page may show nothing at all.
const empty = 45 * time.Second

// blank tells whether the open page is one of the server's and shows nothing.
func (b *browser) blank() bool {
	shows, err := ask(b, answering, chromedp.Evaluate[bool](`location.protocol.startsWith("http") && document.body.innerText.trim() == ""`))
	return err == nil && shows
}

// reload loads the open page again, or what led to it.
func (b *browser) reload(t *testing.T) {
	t.Helper()
	if b.again != "" {
		b.open(t, b.again)
		return
	}
	at, err := ask(b, answering, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	b.open(t, at)
}

// parts gives what the open page has loaded, and how the server answered.
func (b *browser) parts() string {
	parts, _ := ask(b, answering, chromedp.Evaluate[string](`performance.getEntriesByType("resource").map(x => x.responseStatus + " " + x.name).join("\n")`))
	return parts
}

// await waits until the open page shows all the wanted texts. Pages may lead to other pages meanwhile.
func (b *browser) await(t *testing.T, path string, patience time.Duration, wants ...string) {
	t.Helper()
	if shows, err := b.holds(t, patience, wants...); err != nil {
		t.Fatalf("%s does not show %q: %v\n%s", path, wants, err, shows)
	}
}

// holds waits until the open page shows all the wanted texts; where it does not, it gives what the page shows, and an error.
func (b *browser) holds(t *testing.T, patience time.Duration, wants ...string) (shows string, err error) {
	t.Helper()
	list, err := json.Marshal(wants)
	if err != nil {
		t.Fatal(err)
	}
	// What stands in input fields counts as text, too, and so do the tags that a narrow column folds to "+1".
	const text = `((x => x ? x.innerText + "\n" + x.textContent + "\n" + [...x.querySelectorAll("input,textarea")].map(x => x.value).join("\n") : "")(document.body))`
	expression := fmt.Sprintf(`%s.every(w => %s.includes(w))`, list, text)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(patience); ; <-tick.C {
		there, err := ask(b, answering, chromedp.Evaluate[bool](expression))
		if err == nil && there {
			return "", nil
		}
		if time.Now().After(limit) {
			shows, _ := ask(b, answering, chromedp.Evaluate[string](text))
			return shows, cmp.Or(err, errNotShown)
		}
	}
}

// errNotShown says that a page answers and shows something else.
var errNotShown = errors.New("it is not there")

// evaluate gives the value of an expression in the page.
func evaluate[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	value, err := ask(b, hangs, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// picture writes what the page looks like to docs/images, when FLOWMAGE_PICTURES is set.
func (b *browser) picture(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("FLOWMAGE_PICTURES") == "" {
		return
	}
	png, err := ask(b, hangs, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "images", name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// browsing looks at what a deploy and a run left behind, in both UIs, as people do.
func browsing(t *testing.T, l *lab) {
	server, _ := l.status(t)
	b := openBrowser(t, strings.TrimSuffix(server.URL, "/api")).enter(t, l)
	list := l.deployments(t)
	if len(list) != 3 {
		t.Fatalf("%d deployments", len(list))
	}
	runs, err := l.client(t).FlowRuns(t.Context(), prefect.FlowRunFilter{DeploymentIDs: []string{list[0].ID}, States: []string{prefect.StateCompleted}, Limit: 1})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%v %v", runs, err)
	}
	tag := "flowmage:flowmage-samples/dev"
	for _, ui := range []string{"", "/v2"} {
		b.shown(t, ui+"/flows", "rpa1", "rpa2", "rpa3")
		b.picture(t, "flows"+name(ui))
		b.shown(t, ui+"/deployments", "3 Deployments", ours[0], ours[1], ours[2], "Ready", tag, "06:00 AM, Monday through Friday")
		b.picture(t, "deployments"+name(ui))
		b.shown(t, ui+"/deployments/deployment/"+list[2].ID, ours[2], "rpa3", tag, "flowmage-samples-dev")
		form(t, b, ui, list[2].ID)
		b.shown(t, ui+"/runs/flow-run/"+runs[0].ID, runs[0].Name, "Completed", "Finished in state Completed()")
		b.picture(t, "run"+name(ui))
		b.shown(t, ui+"/artifacts/key/flowmage-flowmage-samples-dev", "flowmage-samples to dev: ")
		b.picture(t, "receipt"+name(ui))
	}
	visible(t, l, b, list[0])
}

func name(ui string) string { return strings.Replace(ui, "/", "-", 1) }

// form opens the page on which a run of rpa3 is started: a field for each parameter, its type from the schema, its default in it.
func form(t *testing.T, b *browser, ui, id string) {
	t.Helper()
	b.shown(t, ui+"/deployments/deployment/"+id+"/run", "input_file", "stock", "delay", "orders.csv", "50", "0.1")
	numbers := evaluate[int](t, b, `[...document.querySelectorAll("input")].filter(x => x.type == "number" && ["50", "0.1"].includes(x.value)).length`)
	texts := evaluate[int](t, b, `[...document.querySelectorAll("input,textarea")].filter(x => x.type != "number" && x.value == "orders.csv").length`)
	if numbers != 2 || texts != 1 {
		t.Errorf("%s: %d number fields, %d text fields", ui, numbers, texts)
	}
	b.picture(t, "parameters"+name(ui))
}

// visible changes a deployment and measures when a page that is loaded then shows it, and a list that was open before. The promises are
// 5 s and 30 s after the server's answer; machines that are busy with other tests are held to them at the full size only.
func visible(t *testing.T, l *lab, b *browser, d prefect.Deployment) {
	t.Helper()
	for i, ui := range []string{"", "/v2"} {
		page := ui + "/deployments/deployment/" + d.ID
		open := openBrowser(t, b.root).enter(t, l) // of its own: a tab in the background would rest
		open.shown(t, ui+"/deployments", d.Name)
		words := fmt.Sprintf("seen-%d-%s", i, strings.ToLower(rand.Text()[:8]))
		a := l.with("FLOWMAGE_FLOWS__RPA1__TAGS="+words).run(t, 0, "deploy:all", "-verify=false")
		if !strings.Contains(a.stdout, "updated   "+d.Name) {
			t.Fatal(a.stdout)
		}
		answered := time.Now()
		fresh := b.shown(t, page, words)
		open.await(t, ui+"/deployments", hangs, words)
		refreshed := time.Since(answered)
		t.Logf("%s: a fresh page shows the change %.1f s after the server's answer, an open list %.1f s", page, fresh.Seconds(), refreshed.Seconds())
		if prerequisite.Full() && (fresh > 5*time.Second || refreshed > 31*time.Second) { // lists ask every 30 s
			t.Errorf("a fresh page took %s, an open one %s", fresh, refreshed)
		}
	}
	l.run(t, 0, "deploy:all")
}
