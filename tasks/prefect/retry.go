package prefect

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How often one request is tried. Measured on Prefect 3.8.8 with SQLite: 2 to 6 of 100 writes answer 503 within milliseconds,
// several times in a row under load; a restarting server is away for 12 to 23 s.
const (
	maxAnswered  = 50 // attempts that the server answered with "not now": outlasts the 64 s for which SQLite can stall
	maxLost      = 22 // broken connections to a server that was there before: about 30 s of waiting
	maxEnded     = 8  // the same when its process is known to be gone: about 5 s, in which another command may start it again
	maxLostFirst = 3  // the same while it was never reached
	maxSlow      = 2  // attempts that ran into the time-out
	maxDialFirst = 2  // connections refused while the server was never reached: fail fast
	maxPaused    = 10 * time.Minute
)

const (
	firstWait   = 50 * time.Millisecond
	longestWait = 2 * time.Second
)

// attempts is the retry policy of one request, and its memory.
type attempts struct {
	client *Client
	route  string
	once   bool          // never repeat it once the server may have acted on it
	number int           // of the attempt under way, from 1
	limit  time.Duration // of one attempt

	answered, lost, slow, dialled int
	paused                        time.Duration // spent on maintenance, which doesn't count as attempts
	maintenance                   bool          // said by the last answer
	impatient                     bool          // the last answer asked for a longer wait than there is time for

	telling sync.Mutex
	last    string // why the last attempt is repeated, for people
}

// describe says what a request that is under way waits for.
func (a *attempts) describe(k call) string {
	a.telling.Lock()
	defer a.telling.Unlock()
	text := fmt.Sprintf("the Prefect server at %s to answer %s %s", a.client.base.Host, k.method, k.path)
	if a.last != "" {
		text += " (" + a.last + ")"
	}
	return text
}

// tell notes why the request is repeated.
func (a *attempts) tell(resp *http.Response, d time.Duration) {
	a.telling.Lock()
	defer a.telling.Unlock()
	switch {
	case resp == nil:
		a.last = fmt.Sprintf("no answer to %d attempts", a.number)
	case resp.Header.Get("Retry-After") != "":
		a.last = fmt.Sprintf("it said %d and asks to wait %s", resp.StatusCode, d.Round(time.Second))
	default:
		a.last = fmt.Sprintf("it said %d to %d attempts", resp.StatusCode, a.number)
	}
}

// check implements retryablehttp.CheckRetry.
func (a *attempts) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	a.maintenance = false
	if err != nil {
		return a.again(ctx, causeOf(err)), nil
	}
	a.client.reached.Store(true)
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
	default:
		return false, nil
	}
	if resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusTooManyRequests {
		a.client.busy.Add(1)
	}
	if asked, ok := retryAfter(resp.Header, a.client.now()); ok && !a.client.patience.wait(a.client.now(), asked) {
		a.impatient = true
		return false, nil
	}
	if resp.StatusCode == http.StatusBadGateway && a.once {
		return false, nil
	}
	if resp.Header.Get("Prefect-Maintenance") == "true" {
		a.maintenance = true
		return a.paused < maxPaused, nil
	}
	a.answered++
	return a.answered < maxAnswered, nil
}

// again decides after an attempt without an answer.
func (a *attempts) again(ctx context.Context, c attemptCause) bool {
	known := a.client.reached.Load()
	if c == causeName && known { // it did exist
		c = causeDial
	}
	switch c {
	case causeDial:
		// Nothing was sent, so repeating is always safe.
		a.dialled++
		return a.dialled < maxDialFirst || known && !a.gone(ctx)
	case causeLost:
		a.lost++
		return !a.once && (a.lost < maxLostFirst || known && !a.gone(ctx))
	case causeSlow:
		a.slow++
		return !a.once && a.slow < maxSlow
	default: // a name that doesn't exist, a certificate, something that speaks no HTTP: the next attempt finds the same
		return false
	}
}

// gone tells whether a server that was there before has been away for too long. Then it counts as one that was never there, so that the
// client's other requests do not each wait as long, until one is answered.
func (a *attempts) gone(ctx context.Context) bool {
	if n := a.dialled + a.lost; n < maxEnded || n < maxLost && !a.client.ended(ctx) {
		return false
	}
	a.client.reached.Store(false)
	return true
}

// wait implements retryablehttp.Backoff: what the server asks for, else 50 ms doubled each time up to 2 s, of which a random
// half is left out so that several clients don't come back together.
func (a *attempts) wait(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	d := min(time.Duration(float64(firstWait)*math.Pow(2, float64(min(attempt, 10)))), longestWait)
	d = time.Duration(float64(d) * (1 - a.client.random()/2))
	if resp != nil {
		if asked, ok := retryAfter(resp.Header, a.client.now()); ok {
			d = max(asked, firstWait)
		}
	}
	if a.maintenance {
		d = max(d, longestWait)
		a.paused += d
	}
	a.tell(resp, d)
	if a.client.pause != nil {
		return a.client.pause(d)
	}
	return d
}

// retryAfter reads the Retry-After header: seconds, whole or not (Prefect sends 2.437), or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(seconds) || seconds < 0 {
			return 0, false
		}
		return time.Duration(min(seconds, 1e9) * float64(time.Second)), true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}

// DefaultPatience is how long the waits that a server asks for may be in all, unless somebody chooses another time.
const DefaultPatience = 2 * time.Minute

// Patience bounds the waits that a server asks for (Retry-After), all of them together. Clients may share one; waits of several requests at
// the same time count once. Nil is the default, for each request.
type Patience struct {
	limit time.Duration

	mu    sync.Mutex
	spent time.Duration
	until time.Time // the end of the last wait
}

// NewPatience gives one of so long; zero means [DefaultPatience].
func NewPatience(limit time.Duration) *Patience {
	if limit <= 0 {
		limit = DefaultPatience
	}
	return &Patience{limit: limit}
}

// wait tells whether there is time for a wait that begins now, and counts it.
func (p *Patience) wait(now time.Time, d time.Duration) bool {
	if p == nil {
		return d <= DefaultPatience
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	end, begin := now.Add(d), now
	if p.until.After(begin) {
		begin = p.until
	}
	more := max(end.Sub(begin), 0)
	if p.spent+more > p.limit {
		return false
	}
	p.spent += more
	if end.After(p.until) {
		p.until = end
	}
	return true
}
