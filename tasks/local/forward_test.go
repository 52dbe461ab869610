package local

import (
	"net"
	"testing"
)

// A port that is taken at the other address is left alone.
func TestFreeOn(t *testing.T) {
	t.Parallel()
	const host = "127.0.0.1"
	port, err := freeOn(t.Context(), host, 0)
	if err != nil || port == 0 {
		t.Fatal(port, err)
	}
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was written
	address, ok := taken.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(taken.Addr())
	}
	if port, err := freeOn(t.Context(), host, address.Port); err != nil || port == address.Port || port == 0 {
		t.Error(port, err)
	}
	if _, err := freeOn(t.Context(), "192.0.2.1", 0); err == nil { // for documentation: nobody has it
		t.Error("an address of somebody else has a free port")
	}
}
