package lock

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Holder says who holds a lock, for people and for the next one who wants it. It is stored beside the lease as a variable, the mark. Earlier
// releases wrote it without Boot, Space and Start, and pass over them.
type Holder struct {
	Who     string    `json:"who"` // user@host
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Born    int64     `json:"born"` // of the process, in milliseconds since 1970
	Boot    string    `json:"boot,omitempty"`
	Space   string    `json:"space,omitempty"` // the namespace of processes that PID belongs to
	Start   int64     `json:"start,omitempty"` // of the process, by a clock of its boot
	Command string    `json:"command"`
	Commit  string    `json:"commit,omitempty"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"seen"` // when it last gave a sign of life
	Lease   string    `json:"lease,omitempty"`
	// Until is when a lock without a lease runs out; servers before 3.4.9 have no leases.
	Until *time.Time `json:"until,omitempty"`
}

// String gives "anna@build-3 (process 4711, mage deploy:all) since 14:02:11".
func (h Holder) String() string {
	return fmt.Sprintf("%s (process %d, %s) since %s", h.Who, h.PID, h.Command, h.Since.Local().Format(time.DateTime))
}

// same tells whether two are one process.
func (h Holder) same(o Holder) bool {
	return h.PID == o.PID && h.Host == o.Host && h.Born == o.Born && h.Boot == o.Boot && h.Space == o.Space && h.Start == o.Start
}

// Gone tells whether the holder's process has ended for certain. Holders of earlier releases don't say enough of themselves for that.
func (h Holder) Gone(ctx context.Context) bool {
	return identity.Trace{PID: h.PID, Boot: h.Boot, Space: h.Space, Start: h.Start}.Gone(ctx)
}

// mark is who has signed for a lock. Who signs makes a new variable, with an id of its own, so changing or removing one by id never meets the
// mark of somebody who came later: that is the compare-and-delete that the server does not have by name. Earlier releases sign by changing the
// variable that is there.
type mark struct {
	id     string // empty: nobody has signed
	holder Holder
	known  bool // what is written there says who it is
	// changed is when it was written last, by the server's clock.
	changed time.Time
}

// signs gives a text that changes with every sign of life.
func (m mark) signs() string {
	return fmt.Sprint(m.id, m.changed.UnixNano(), m.holder.Lease, m.holder.Seen, m.holder.Until)
}

func (m mark) String() string {
	if !m.known {
		return "somebody who left no name holds it"
	}
	return m.holder.String() + " holds it"
}

// ranOut tells whether a lock without a lease has expired. The server's clock decides, as far as it is known: those of two machines may differ
// by more than a lock lasts.
func (m mark) ranOut(api *prefect.Client) bool {
	if now, ok := api.ServerTime(time.Now()); ok && !m.changed.IsZero() {
		return now.After(m.changed.Add(leaseFor + leaseFor/2))
	}
	return m.holder.Until != nil && time.Now().After(m.holder.Until.Add(leaseFor/2))
}

func readMark(ctx context.Context, api *prefect.Client, variable string) (mark, error) {
	v, there, err := api.Variable(ctx, variable)
	if err != nil || !there {
		return mark{}, err
	}
	m := mark{id: v.ID, changed: v.Updated}
	m.known = json.Unmarshal(v.Value, &m.holder) == nil // somebody may have written something else there
	return m, nil
}

// removeMark takes a mark away, if it is still that one.
func removeMark(ctx context.Context, api *prefect.Client, id string) error {
	return prefect.IgnoreNotFound(api.RemoveVariable(ctx, id))
}
