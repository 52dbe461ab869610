package prefect

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Release is a server's version in numbers. Cloud is newer than every number.
type Release struct {
	Major, Minor, Patch int
	Cloud               bool
}

// Oldest is the first release whose schedules have slugs, without which an edit can't leave their pauses alone.
func Oldest() Release { return Release{Major: 3, Minor: 2} }

// Leases is the first release with concurrency leases, which make a lock that outlives no holder.
func Leases() Release { return Release{Major: 3, Minor: 4, Patch: 9} }

var releaseForm = regexp.MustCompile(`^v?(\d+)\.(\d+)(?:\.(\d+))?`)

// ParseRelease reads what [Client.Version] gives. Suffixes such as .dev6+local, 0rc1 and +12.gabc are ignored.
func ParseRelease(version string) (Release, error) {
	if version == CloudVersion {
		return Release{Cloud: true}, nil
	}
	m := releaseForm.FindStringSubmatch(version)
	if m == nil {
		return Release{}, &fault.Error{
			Code: fault.Server, What: fmt.Sprintf("the server calls itself version %q, which is no Prefect release", version),
			Next: "check that the API URL leads to a Prefect 3 server",
		}
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits or empty
	}
	return Release{Major: n[0], Minor: n[1], Patch: n[2]}, nil
}

// AtLeast tells whether r is that release or a newer one.
func (r Release) AtLeast(than Release) bool {
	if r.Cloud || than.Cloud {
		return r.Cloud
	}
	return cmp.Or(cmp.Compare(r.Major, than.Major), cmp.Compare(r.Minor, than.Minor), cmp.Compare(r.Patch, than.Patch)) >= 0
}

// String gives 3.8.8, or cloud.
func (r Release) String() string {
	if r.Cloud {
		return CloudVersion
	}
	return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch)
}

// Supported gives a fault for a server that this client can't work with: older than 3.2, or of another major version.
func (r Release) Supported() error {
	why, next := "", ""
	switch {
	case r.Cloud:
		return nil
	case r.Major > 3:
		why, next = "this tool speaks the API of Prefect 3", "look for a newer release of this tool"
	case !r.AtLeast(Oldest()):
		why = "before 3.2.0 schedules have no slugs, so an edit would undo the pauses that people set"
		next = "upgrade the server to 3.2.0 or newer: pip install -U prefect, then prefect server database upgrade -y"
	default:
		return nil
	}
	return &fault.Error{Code: fault.Server, What: "the server runs Prefect " + r.String(), Why: why, Next: next}
}
