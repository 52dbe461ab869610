package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// What a browser would do, done by hand: fetch pages and their program, and ask whether a page may use the API.

// fetchedPage is what came back for an address.
type fetchedPage struct {
	status int
	kind   string
	body   string
	header http.Header
}

func (u *ui) fetch(ctx context.Context, method, address string, header map[string]string) (fetchedPage, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return fetchedPage{}, err
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := u.API.Browser().Do(r)
	if err != nil {
		return fetchedPage{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return fetchedPage{resp.StatusCode, resp.Header.Get("Content-Type"), string(body), resp.Header}, err
}

// program finds the script that makes a page of the UI alive.
var program = pattern.New(`<script[^>]+src="([^"]+)"`)

// pages checks the list of deployments in each UI, and that its program comes along: behind a proxy with a path of its own the page
// is served and the program is not.
func (u *ui) pages(ctx context.Context) (ladder.Seen, error) {
	var fine []string
	for _, kind := range u.kinds() {
		address := u.root(kind) + "/deployments"
		got, err := u.fetch(ctx, http.MethodGet, address, map[string]string{"Accept": "text/html"})
		switch {
		case err != nil:
			return ladder.Wrong("the page "+address+" can't be fetched", err.Error(), "is the UI's address right? server.ui in envs/"+u.Env+".yaml sets it")
		case got.status == http.StatusUnauthorized || got.status == http.StatusForbidden:
			return ladder.Seen{
				Detail: address, Reservation: fmt.Sprintf("a login stands in front of the pages (status %d), so they can't be looked at from here", got.status),
				Next: "open the page in a browser",
			}, nil
		case got.status != http.StatusOK || !strings.HasPrefix(got.kind, "text/html"):
			return ladder.Wrong(fmt.Sprintf("%s answers with status %d and %s", address, got.status, kindOf(got.kind)), "",
				"is the UI switched off (PREFECT_SERVER_UI_ENABLED), or does another service answer at that address? server.ui in envs/"+u.Env+".yaml sets it")
		}
		if err := u.alive(ctx, address, got.body); err != nil {
			return ladder.Seen{}, err
		}
		fine = append(fine, kind+" "+address)
	}
	return ladder.Seen{Detail: strings.Join(fine, ", ")}, nil
}

func kindOf(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return cmp.Or(kind, "no content")
}

// alive fetches the program of a page.
func (u *ui) alive(ctx context.Context, address, html string) error {
	m := program.FindStringSubmatch(html)
	if m == nil {
		_, err := ladder.Wrong(address+" is no page of Prefect's UI", "it loads no program", "does another service answer at that address? server.ui in envs/"+u.Env+".yaml sets it")
		return err
	}
	base, err := url.Parse(address)
	if err != nil {
		return err
	}
	source, err := base.Parse(m[1])
	if err != nil {
		return err
	}
	got, err := u.fetch(ctx, http.MethodGet, source.String(), nil)
	if err == nil && got.status == http.StatusOK && strings.Contains(got.kind, "javascript") {
		return nil
	}
	why := fmt.Sprintf("%s answers with status %d and %s", source, got.status, kindOf(got.kind))
	if err != nil {
		why = err.Error()
	}
	_, fault := ladder.Wrong(address+" is served without its program, so it stays white", why,
		"behind a proxy with a path of its own set PREFECT_UI_SERVE_BASE to that path, and let everything below it through")
	return fault
}

// deepLink opens a deployment's own page.
func (u *ui) deepLink(ctx context.Context) (ladder.Seen, error) {
	var fine []string
	for _, kind := range u.kinds() {
		address := prefect.DeploymentLink(u.root(kind), u.shown.IDs[0])
		got, err := u.fetch(ctx, http.MethodGet, address, map[string]string{"Accept": "text/html"})
		if err != nil {
			return ladder.Wrong("the page "+address+" can't be fetched", err.Error(), "run the command again")
		}
		if got.status != http.StatusOK {
			return ladder.Wrong(fmt.Sprintf("%s answers with status %d", address, got.status), "links into the UI lead nowhere, though its front page is served",
				"let the proxy in front of the server pass every path below "+u.root(kind)+" on, and not only the front page")
		}
		fine = append(fine, address)
	}
	return ladder.Seen{Detail: strings.Join(fine, ", ")}, nil
}

// allowed asks the API, as a browser does first, whether pages from the UI's address may use it (CORS). Pages and API with the same
// scheme, host and port need no leave.
func (u *ui) allowed(ctx context.Context) (ladder.Seen, error) {
	from, err := url.Parse(u.UI)
	if err != nil {
		return ladder.Seen{}, err
	}
	origin := from.Scheme + "://" + from.Host
	if u.told.Scheme+"://"+u.told.Host == origin {
		return ladder.Seen{Detail: "pages and API have one address"}, nil
	}
	headers := "content-type"
	if u.settings.Auth != "" {
		headers += ",authorization"
	}
	got, err := u.fetch(ctx, http.MethodOptions, strings.TrimRight(u.settings.APIURL, "/")+"/deployments/paginate", map[string]string{
		"Origin": origin, "Access-Control-Request-Method": http.MethodPost, "Access-Control-Request-Headers": headers,
	})
	if err != nil {
		return ladder.Wrong("the API can't be asked whether pages may use it", err.Error(), "run the command again")
	}
	why := refusal(got.header, origin, headers)
	if why == "" && got.status/100 != 2 {
		why = fmt.Sprintf("the question is answered with status %d", got.status)
	}
	if why != "" {
		return ladder.Wrong("browsers keep the pages from "+origin+" away from the API at "+u.settings.APIURL, why,
			"let PREFECT_SERVER_CORS_ALLOWED_ORIGINS of the server (and _HEADERS) include "+origin+", or open the UI at the API's own address")
	}
	return ladder.Seen{Detail: "pages from " + origin + " may"}, nil
}

// refusal reads the answer as a browser does (the Fetch standard, which always lets the method POST through); "" is leave.
func refusal(h http.Header, origin, headers string) string {
	allowed := h.Get("Access-Control-Allow-Origin")
	switch {
	case allowed == "":
		return "the answer has no Access-Control-Allow-Origin"
	case allowed != "*" && allowed != origin:
		return "only " + allowed + " is allowed"
	}
	have := namesIn(h.Get("Access-Control-Allow-Headers"))
	for name := range strings.SplitSeq(headers, ",") {
		// A star does not cover authorization.
		if !slices.Contains(have, name) && (name == "authorization" || !slices.Contains(have, "*")) {
			return "the header " + name + " is not allowed"
		}
	}
	return ""
}

func namesIn(list string) []string {
	return strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' })
}
