package prefect

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/secret"
)

// APIError is the server's refusal of a request.
type APIError struct {
	Status  int
	Method  string
	Path    string // below the API's address
	Message string // the server's, one line; empty when it gave none
	Details []Detail
}

// Detail is one fault that the server found in the request's body.
type Detail struct {
	Loc  string // dotted: schedules.0.schedule.cron
	Msg  string
	Type string // pydantic's name of the fault, such as extra_forbidden
}

// Error gives the request, the status and everything the server said.
func (e *APIError) Error() string {
	s := fmt.Sprintf("the server answered %d to %s %s", e.Status, e.Method, e.Path)
	if text := e.Text(); text != "" {
		s += ": " + text
	}
	return s
}

// Text gives what the server said, in one line.
func (e *APIError) Text() string {
	parts := make([]string, 0, len(e.Details))
	for _, d := range e.Details {
		if d.Loc == "" {
			parts = append(parts, d.Msg)
			continue
		}
		parts = append(parts, d.Loc+": "+d.Msg)
	}
	// "Invalid request received." says nothing that the details don't.
	if e.Message == "" || len(parts) > 0 && strings.HasPrefix(e.Message, "Invalid request") {
		return strings.Join(parts, "; ")
	}
	return strings.Join(append([]string{e.Message}, parts...), "; ")
}

// IsNotFound tells whether the server said that the named thing does not exist. A server that doesn't know the route, because the
// address is wrong or the server too old, has not said that.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*APIError](err)
	return ok && e.Status == http.StatusNotFound && !e.missingRoute()
}

// IgnoreNotFound gives the error, unless it says that the named thing does not exist.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// IsMissingRoute tells whether the server knows no such route: it is older than the request. A path that fits another route with a
// variable part is answered with 405.
func IsMissingRoute(err error) bool {
	e, ok := errors.AsType[*APIError](err)
	return ok && (e.missingRoute() || e.Status == http.StatusMethodNotAllowed)
}

// IsConflict tells whether the server said 409: the name is taken, or a stored rule stands against the change.
func IsConflict(err error) bool { return hasStatus(err, http.StatusConflict) }

// IsRefusal tells whether the server answered and did not do it: sent again, the request would fare the same.
func IsRefusal(err error) bool {
	e, ok := errors.AsType[*APIError](err)
	return ok && e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError
}

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*APIError](err)
	return ok && e.Status == status
}

// parseError reads both forms of error bodies: {"detail": …} of a route and {"exception_message", "exception_detail"} of the
// server around it (Prefect: server/api/server.py). The input that a detail repeats is left out: it may be a secret.
func parseError(body []byte) *APIError {
	var raw struct {
		Detail           json.RawMessage `json:"detail"`
		ExceptionMessage string          `json:"exception_message"`
		ExceptionDetail  json.RawMessage `json:"exception_detail"`
	}
	e := &APIError{}
	if json.Unmarshal(body, &raw) != nil {
		return e
	}
	e.Message = oneLine(raw.ExceptionMessage)
	for _, part := range []json.RawMessage{raw.Detail, raw.ExceptionDetail} {
		text, details := parseDetail(part)
		if e.Message == "" {
			e.Message = text
		} else if text != "" {
			e.Details = append(e.Details, Detail{Msg: text})
		}
		e.Details = append(e.Details, details...)
	}
	return e
}

// parseDetail reads a text, or pydantic's list of faults.
func parseDetail(raw json.RawMessage) (string, []Detail) {
	var text string
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	if json.Unmarshal(raw, &text) == nil {
		return oneLine(text), nil
	}
	var list []struct {
		Type string `json:"type"`
		Loc  []any  `json:"loc"`
		Msg  string `json:"msg"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return oneLine(string(raw)), nil
	}
	out := make([]Detail, 0, len(list))
	for _, d := range list {
		out = append(out, Detail{Type: d.Type, Loc: joinLoc(d.Loc), Msg: oneLine(strings.TrimPrefix(d.Msg, "Value error, "))})
	}
	return "", out
}

// joinLoc gives a dotted path without the leading "body".
func joinLoc(loc []any) string {
	parts := make([]string, 0, len(loc))
	for i, p := range loc {
		switch v := p.(type) {
		case string:
			if i == 0 && v == "body" {
				continue
			}
			parts = append(parts, v)
		case float64:
			parts = append(parts, strconv.Itoa(int(v)))
		}
	}
	return strings.Join(parts, ".")
}

// maxMessage bounds a text of the server: the fault of a wrong time zone lists all 600 that are right.
const maxMessage = 400

// oneLine gives a text of the server without line breaks, and without what looks like a secret: some faults quote the value that is wrong.
func oneLine(s string) string {
	s = secret.Inside(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > maxMessage {
		return string(r[:maxMessage]) + "…"
	}
	return s
}

// scheduleClass finds the name of a member of Prefect's schedule union in a detail's place, with what the server writes
// around it: `schedules.0.schedule.function-after[validate_timezone(), CronSchedule].cron`.
var scheduleClass = pattern.New(
	`\.?(?:[\w-]+\[[^\]]*)?\b(Interval|Cron|RRule)Schedule\b[^.]*`)

// narrow keeps those details of a schedule that concern its kind. The server tries a faulty schedule as all three kinds
// and lists the faults of each, so a wrong cron expression is told as a missing interval first.
func narrow(details []Detail, sent any) []Detail {
	out := make([]Detail, 0, len(details))
	for _, d := range details {
		m := scheduleClass.FindStringSubmatchIndex(d.Loc)
		if m == nil {
			out = append(out, d)
			continue
		}
		class := strings.ToLower(d.Loc[m[2]:m[3]])
		place := d.Loc[:m[0]]
		if kind := scheduleKind(dig(sent, place)); kind != "" && kind != class {
			continue
		}
		d.Loc = place + d.Loc[m[1]:]
		out = append(out, d)
	}
	if len(out) == 0 { // better too much than nothing
		return details
	}
	return out
}

func scheduleKind(rule any) string {
	m, ok := rule.(map[string]any)
	if !ok {
		return ""
	}
	for _, kind := range []string{"cron", "interval", "rrule"} {
		if m[kind] != nil {
			return kind
		}
	}
	return ""
}

// dig gives the value at a dotted path in a request's body, or nil.
func dig(sent any, path string) any {
	data, err := json.Marshal(sent)
	if err != nil {
		return nil
	}
	var v any
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}
