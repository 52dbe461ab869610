package targets

import (
	flags "flag"
	"runtime"
	"strconv"
	"testing"
)

// TestMain lets more tests run side by side than there are processors, unless -parallel says how many: they wait for servers and runs most
// of the time.
func TestMain(m *testing.M) {
	flags.Parse()
	given := false
	flags.Visit(func(f *flags.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flags.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	m.Run()
}
