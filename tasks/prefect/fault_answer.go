package prefect

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Texts that several faults end with.
const (
	nextURL   = "correct the API URL (`server.url` in envs/<env>.yaml, or PREFECT_API_URL)"
	nextLogin = "set PREFECT_API_KEY (Prefect Cloud) or PREFECT_API_AUTH_STRING (user:password of a self-hosted server)"
)

// refused gives the fault for an answer that is not the one that was asked for: an error status, a redirect or a web page.
func (c *Client) refused(k call, got httpAnswer) error {
	switch {
	case got.status >= 300 && got.status < 400:
		return c.redirected(k, got)
	case got.html():
		return c.page(k, got)
	case heavy(got.body):
		return c.tooLarge(k, errTooLarge)
	}
	e := parseError(got.body)
	e.Status, e.Method, e.Path = got.status, k.method, k.path
	e.Details = narrow(e.Details, k.in)
	if e.Text() == "" && !telling(got.status) {
		return c.foreign(k, got, nil)
	}
	f := &fault.Error{Code: fault.Server, Where: c.URL(), Why: e.Text(), Err: e}
	f.What = fmt.Sprintf("the Prefect server refused %s %s with %d %s", k.method, k.path, got.status, http.StatusText(got.status))
	f.Next = c.remedy(e, got, f)
	return f
}

// telling tells whether a status says enough without words of Prefect's own: proxies answer with these, too.
func telling(status int) bool {
	return status >= http.StatusInternalServerError || slices.Contains([]int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests,
	}, status)
}

// remedy gives the next step for a refusal, and a better What where there is one.
func (c *Client) remedy(e *APIError, got httpAnswer, f *fault.Error) string {
	switch {
	case got.impatient:
		return fmt.Sprintf("run the command again in %s, as the server asks", got.asked.Round(time.Second))
	case e.Status == http.StatusUnauthorized:
		return c.unauthorized(f)
	case e.Status == http.StatusForbidden:
		return forbidden(e, got, f)
	case e.Status >= http.StatusInternalServerError:
		return serverTrouble(e)
	case e.missingRoute():
		f.What = "the server has no route " + e.Path
		return c.nextRoute()
	case e.Status == http.StatusUnprocessableEntity && e.hasType("extra_forbidden"):
		return "upgrade the server (it doesn't know the named field), or leave the setting behind that field out"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "make the parameters or their schema smaller: Prefect Cloud takes 5 MiB in one request"
	case e.Status == http.StatusTooManyRequests:
		return "wait a minute, then run the command again: the account's rate limit is used up"
	case e.Status == http.StatusNotFound:
		return "run the command again: what it names has been deleted meanwhile or never existed"
	default:
		return "correct the value that the server names"
	}
}

func serverTrouble(e *APIError) string {
	if e.Status == http.StatusServiceUnavailable {
		return "run the command again; a server on SQLite answers so while it is busy with other writers, one on Postgres does not"
	}
	return "look into the server's log for the cause, then run the command again"
}

// forbidden is the remedy for 403, which means three different things.
func forbidden(e *APIError, got httpAnswer, f *fault.Error) string {
	switch {
	case strings.Contains(e.Message, "reserved"):
		return "choose another name"
	case got.refusesCSRF():
		return "run the command again; if that doesn't help, look whether a proxy in front of the server drops the Prefect-Csrf headers"
	default:
		f.What = fmt.Sprintf("the Prefect server doesn't allow %s %s with these credentials", e.Method, e.Path)
		return nextLogin
	}
}

// unauthorized names the credentials that were sent, if any.
func (c *Client) unauthorized(f *fault.Error) string {
	kind, _, _ := strings.Cut(c.transport.header.Get("Authorization"), " ")
	switch kind {
	case "Basic":
		f.What = "the Prefect server doesn't accept the user and password it got"
		return "correct PREFECT_API_AUTH_STRING (user:password, as PREFECT_SERVER_API_AUTH_STRING of the server)"
	case "Bearer":
		f.What = "the Prefect server doesn't accept the API key it got"
		return "correct PREFECT_API_KEY; a self-hosted server wants PREFECT_API_AUTH_STRING (user:password) instead"
	default:
		f.What = "the Prefect server wants credentials"
		return nextLogin
	}
}

// missingRoute tells a path that leads nowhere from a thing that doesn't exist: only the web framework answers "Not Found" bare.
func (e *APIError) missingRoute() bool {
	return (e.Status == http.StatusNotFound && e.Message == "Not Found") ||
		(e.Status == http.StatusMethodNotAllowed && e.Message == "Method Not Allowed")
}

func (e *APIError) hasType(name string) bool {
	return slices.ContainsFunc(e.Details, func(d Detail) bool { return d.Type == name })
}

func (c *Client) nextRoute() string {
	if next := c.nextAddress(); next != nextURL {
		return next
	}
	return nextURL + "; if it is right, the server is too old for this: 3.2.0 or newer is needed"
}

// nextAddress is the remedy for an address that leads to something else.
func (c *Client) nextAddress() string {
	if !c.IsCloud() && !strings.HasSuffix(c.base.Path, "/api") {
		return "write the API URL as " + c.URL() + "/api (`server.url` in envs/<env>.yaml, or PREFECT_API_URL)"
	}
	return nextURL
}

// page is the fault for a web page where JSON was expected.
func (c *Client) page(k call, got httpAnswer) error {
	f := &fault.Error{
		Code: fault.Server, Where: c.URL(), What: "a web page came back, not Prefect's API",
		Why:  fmt.Sprintf("%s %s was answered with status %d and HTML", k.method, k.path, got.status),
		Next: c.nextRoute(),
	}
	switch got.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.What = "the proxy in front of the Prefect server gets no answer from it"
		f.Next = "start the Prefect server behind it, or wait until it is up"
	case http.StatusUnauthorized, http.StatusForbidden:
		f.What = "a proxy in front of the Prefect server refuses the request"
		f.Next = nextLogin + ", or the header that the proxy wants in PREFECT_CLIENT_CUSTOM_HEADERS"
	default:
		if c.IsCloud() || strings.HasSuffix(c.base.Path, "/api") {
			f.Next = nextURL + "; behind a login page, give the header that its proxy wants in PREFECT_CLIENT_CUSTOM_HEADERS"
		}
	}
	return f
}

// redirected is the fault for a redirect. It is not followed, so that credentials stay with the host they were given for.
func (c *Client) redirected(k call, got httpAnswer) error {
	f := &fault.Error{
		Code: fault.Server, Where: c.URL(), What: "the server sends us elsewhere instead of answering",
		Next: nextURL + "; behind a login page, give the header that its proxy wants in PREFECT_CLIENT_CUSTOM_HEADERS",
	}
	to, err := c.base.Parse(got.location)
	if err != nil || got.location == "" {
		return f
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil // a login address carries secrets there
	f.Why = fmt.Sprintf("%s %s was answered with %d to %s", k.method, k.path, got.status, to)
	if base, ok := strings.CutSuffix(to.String(), k.path); ok && sameSite(to, c.base) {
		f.Next = "write the API URL as " + base + " (`server.url` in envs/<env>.yaml, or PREFECT_API_URL)"
	}
	return f
}

// sameSite tells whether two addresses have one host name, so that suggesting the other one is no risk.
func sameSite(a, b *url.URL) bool { return a.Hostname() == b.Hostname() }

// foreign is the fault for an answer that a Prefect server doesn't give.
func (c *Client) foreign(k call, got httpAnswer, cause error) error {
	return &fault.Error{
		Code: fault.Server, Where: c.URL(), What: "what answers there is no Prefect API, but some other service",
		Why:  fmt.Sprintf("%s %s was answered with status %d and %s", k.method, k.path, got.status, sample(got.body)),
		Next: c.nextAddress(), Err: cause,
	}
}

// sample gives the beginning of an answer's body for an error message.
func sample(body []byte) string {
	text := oneLine(string(body[:min(len(body), 4<<10)]))
	if text == "" {
		return "nothing"
	}
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80]) + "…"
	}
	return quote(text)
}

func quote(s string) string { return fmt.Sprintf("%q", s) }
