package schema

import (
	"math/big"
	"testing"
)

// A power that nobody could wait for is not tried: x ** y of two numbers with 60 bits has more digits than there is memory.
func TestPowers(t *testing.T) {
	t.Parallel()
	large := new(big.Int).Lsh(big.NewInt(1), 60)
	for _, c := range []struct{ x, y *big.Int }{{large, large}, {big.NewInt(2), large}, {large, big.NewInt(3)}, {big.NewInt(2), big.NewInt(101)}, {big.NewInt(2), big.NewInt(-1)}} {
		if got, ok := ofIntegers("**", c.x, c.y); ok {
			t.Errorf("%v ** %v is %v", c.x, c.y, got)
		}
	}
	if got, ok := ofIntegers("**", big.NewInt(1000), big.NewInt(3)); !ok || got.Int64() != 1_000_000_000 {
		t.Error(got, ok)
	}
}
