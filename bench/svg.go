package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"
)

// chart is a picture of some jobs: a bar for each contender, on one scale for all of them.
type chart struct {
	title string
	jobs  []charted
}

// charted is a job of a chart.
type charted struct {
	name string
	bars []bar
}

// bar is a contender of a job. From the fastest to the slowest turn goes a thin line.
type bar struct {
	name                     string
	class                    string // ours, floor or theirs
	median, fastest, slowest time.Duration
}

// Measures of a chart, in pixels.
const (
	chartWidth  = 960
	chartMargin = 24
	titleHeight = 52
	jobHeight   = 28
	barHeight   = 32
	axisHeight  = 26
	valueWidth  = 90 // for the figure behind the longest bar
)

// chartNote stands below every title.
const chartNote = "median, and a line from the fastest to the slowest turn; the scale is logarithmic"

// chartStyle is readable on light pages and on dark ones: the picture asks which one its reader likes, and brings its own ground.
const chartStyle = `<style>
.paper{fill:#ffffff}.line{stroke:#d1d9e0}.range{stroke:#59636e;stroke-width:2}
text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:16px;font-weight:600}.job{font-weight:600}.tick,.note{fill:#59636e}.tick{text-anchor:middle}
.ours{fill:#2f81f7}.floor{fill:#8c959f}.theirs{fill:#d4762c}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.line{stroke:#3d444d}.range{stroke:#c9d1d9}text{fill:#e6edf3}.tick,.note{fill:#9198a1}}
</style>
`

// svg draws the chart. Bars begin at the first power of ten below everything that is shown, since a logarithmic scale has no zero.
func (c chart) svg() string {
	s := scaleOf(c.jobs)
	height := titleHeight + axisHeight + chartMargin
	for _, j := range c.jobs {
		height += jobHeight + barHeight*len(j.bars)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n", chartWidth, height, escaped(c.title))
	b.WriteString(chartStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d"/>`+"\n", chartWidth, height)
	label(&b, "title", chartMargin, 24, c.title)
	label(&b, "note", chartMargin, 42, chartNote)
	s.draw(&b, titleHeight, height-axisHeight-chartMargin/2)
	at := titleHeight
	for _, j := range c.jobs {
		label(&b, "job", chartMargin, at+20, j.name)
		at += jobHeight
		for _, one := range j.bars {
			one.draw(&b, s, at)
			at += barHeight
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw puts the name of a contender above its bar, and the median behind it.
func (x bar) draw(b *strings.Builder, s scale, at int) {
	label(b, "name", chartMargin, at+11, x.name)
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="11"/>`+"\n", x.class, chartMargin, at+16, s.x(x.median)-chartMargin)
	fmt.Fprintf(b, `<line class="range" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", s.x(x.fastest), at+21, s.x(x.slowest), at+21)
	label(b, "value", int(s.x(x.slowest))+8, at+25, readable(x.median))
}

// scale maps times to places, by powers of ten.
type scale struct{ from, to float64 } // exponents of milliseconds

func scaleOf(jobs []charted) scale {
	s := scale{math.Inf(1), math.Inf(-1)}
	for _, j := range jobs {
		for _, x := range j.bars {
			s.from, s.to = min(s.from, exponent(x.fastest)), max(s.to, exponent(x.slowest))
		}
	}
	if s.from > s.to { // nothing is shown
		return scale{0, 1}
	}
	s.from, s.to = math.Floor(s.from), math.Ceil(s.to)
	if s.from == s.to {
		s.to++
	}
	return s
}

// exponent counts what takes less than a millisecond as one: the tables know nothing smaller.
func exponent(d time.Duration) float64 {
	return math.Log10(max(1, float64(d)/float64(time.Millisecond)))
}

func (s scale) x(d time.Duration) float64 {
	return chartMargin + (exponent(d)-s.from)/(s.to-s.from)*(chartWidth-2*chartMargin-valueWidth)
}

// draw puts a line and a figure to each power of ten.
func (s scale) draw(b *strings.Builder, top, bottom int) {
	for e := s.from; e <= s.to; e++ {
		d := time.Duration(math.Pow(10, e)) * time.Millisecond
		fmt.Fprintf(b, `<line class="line" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", s.x(d), top, s.x(d), bottom)
		label(b, "tick", int(s.x(d)), bottom+16, readable(d))
	}
}

// readable gives a time with as many figures as a picture is good for.
func readable(d time.Duration) string {
	switch ms := d.Milliseconds(); {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 10_000 && ms%1000 != 0:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
}

func label(b *strings.Builder, class string, x, y int, text string) {
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, y, escaped(text))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
