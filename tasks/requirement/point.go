package requirement

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// point is a place on the line of all versions: that of one, or one between two.
type point struct {
	Version
	release    []number // without zeros at its end
	end        edge
	justBehind bool // right behind the version itself, in front of those with a local part
}

// edge says that a point lies behind a family of versions.
type edge uint8

const (
	none        edge = iota
	behindLocal      // behind the version with any local part, in front of its first post-release
	behindPosts      // behind all its post-releases
	behindAll        // behind every version
)

func at(v Version) point {
	end := len(v.release)
	for end > 1 && v.release[end-1] == zero {
		end--
	}
	return point{Version: v, release: v.release[:end]}
}

func (p point) behind(e edge) point {
	p.end = e
	return p
}

func (p point) after() point {
	p.justBehind = true
	return p
}

func (p point) compare(q point) int {
	if p.end == behindAll || q.end == behindAll {
		return cmp.Compare(p.end/behindAll, q.end/behindAll)
	}
	return cmp.Or(
		p.epoch.compare(q.epoch), slices.CompareFunc(p.release, q.release, number.compare),
		cmp.Compare(p.phaseRank(), q.phaseRank()), p.phaseAt.compare(q.phaseAt),
		cmp.Compare(p.postRank(), q.postRank()), p.post.compare(q.post),
		cmp.Compare(p.devRank(), q.devRank()), p.dev.compare(q.dev),
		p.compareLocal(q),
	)
}

// phaseRank puts a development version of a release in front of its alphas, and the release behind its candidates.
func (p point) phaseRank() int {
	switch {
	case p.phase != "":
		return strings.Index("a b rc", p.phase)
	case p.post == "" && p.dev != "" && p.end != behindPosts:
		return -1
	default:
		return 100
	}
}

func (p point) postRank() int {
	switch {
	case p.end == behindPosts:
		return 2
	case p.post != "":
		return 1
	default:
		return 0
	}
}

func (p point) devRank() int {
	if p.dev != "" && p.end != behindPosts {
		return 0
	}
	return 1
}

func (p point) compareLocal(q point) int {
	if p.end >= behindLocal || q.end >= behindLocal {
		return cmp.Compare(min(p.end, behindLocal), min(q.end, behindLocal))
	}
	return cmp.Or(slices.CompareFunc(p.local, q.local, comparePart), cmp.Compare(strconv.FormatBool(p.justBehind), strconv.FormatBool(q.justBehind)))
}

// comparePart orders parts of local versions: numbers come behind words.
func comparePart(a, b string) int {
	switch x, y := isDigits(a), isDigits(b); {
	case x && y:
		return number(a).compare(number(b))
	case x:
		return 1
	case y:
		return -1
	default:
		return cmp.Compare(a, b)
	}
}
