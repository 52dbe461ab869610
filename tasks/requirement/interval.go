package requirement

import "slices"

// interval holds the versions from a point, itself included, up to another one, which is not.
type interval struct {
	from, to point
	// least is the first version at or behind from, where from itself is none and the first is known.
	least *Version
}

// bottom is the version that all others come behind.
func bottom() Version { return Version{epoch: zero, release: []number{zero}, dev: zero} }

func everything() []interval { return []interval{{from: at(bottom()), to: top()}} }

func top() point { return point{end: behindAll} }

// empty tells whether no version lies in it.
func (i interval) empty() bool {
	if i.from.compare(i.to) >= 0 {
		return true
	}
	return i.least != nil && at(*i.least).compare(i.to) >= 0
}

// intersect gives what two lists of intervals, each in order and without overlaps, have in common.
func intersect(a, b []interval) []interval {
	var out []interval
	for len(a) > 0 && len(b) > 0 {
		from := a[0]
		if b[0].from.compare(from.from) > 0 {
			from = b[0]
		}
		both := interval{from.from, a[0].to, from.least}
		if b[0].to.compare(a[0].to) < 0 {
			both.to = b[0].to
			b = b[1:]
		} else {
			a = a[1:]
		}
		if !both.empty() {
			out = append(out, both)
		}
	}
	return out
}

func holds(list []interval, p point) bool {
	return slices.ContainsFunc(list, func(i interval) bool { return i.from.compare(p) <= 0 && p.compare(i.to) < 0 })
}

// behindLocals is the place behind a version with any local part, and the first version there.
func behindLocals(v Version) (point, *Version) {
	first := v
	first.local = nil
	switch {
	case v.dev != "":
		first.dev = v.dev.next()
	case v.post != "":
		first.post, first.dev = v.post.next(), zero
	default:
		first.post, first.dev = zero, zero
	}
	return at(v).behind(behindLocal), &first
}

// allBehind holds what is greater than a version in the sense of >: neither its local parts nor its post-releases are.
func allBehind(v Version) interval {
	first := v
	first.local = nil
	switch {
	case v.dev != "":
		first.dev = v.dev.next()
		return interval{from: at(first), to: top()}
	case v.post != "":
		first.post, first.dev = v.post.next(), zero
		return interval{from: at(first), to: top()}
	case v.phase != "":
		first.phaseAt, first.dev = v.phaseAt.next(), zero
		return interval{at(v).behind(behindPosts), top(), &first}
	default:
		return interval{from: at(v).behind(behindPosts), to: top()}
	}
}

// family gives the versions that begin as a release does: those of ==1.2.*.
func family(v Version) interval {
	from := Version{epoch: v.epoch, release: v.release, dev: zero}
	to := Version{epoch: v.epoch, release: slices.Clone(v.release), dev: zero}
	to.release[len(to.release)-1] = to.release[len(to.release)-1].next()
	return interval{from: at(from), to: at(to)}
}

// without gives all versions but those of an interval. least is the first behind it, nil where that is the point itself or unknown.
func without(i interval, least *Version) []interval {
	out := make([]interval, 0, 2)
	if less := (interval{from: at(bottom()), to: i.from}); !less.empty() {
		out = append(out, less)
	}
	return append(out, interval{i.to, top(), least})
}
