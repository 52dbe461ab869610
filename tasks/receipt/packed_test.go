package receipt

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

func TestPacked(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	many := Receipt{ID: "20260102t030405-abcdef", Project: "shop", Env: "prod", Summary: "\u2713 \"quoted\""}
	for i := range 40_000 {
		many.Entries = append(many.Entries, Entry{Op: plan.Unchanged, Name: fmt.Sprint("deployment-", i), Hash: fmt.Sprintf("%016x%016x", noise.Uint64(), noise.Uint64())})
	}
	few := many
	few.Entries = many.Entries[:3]
	for name, r := range map[string]Receipt{"one part": few, "several parts": many} {
		t.Run(name, func(t *testing.T) {
			parts, err := r.pack()
			if err != nil {
				t.Fatal(err)
			}
			if got := len(parts) > 1; got != (name == "several parts") {
				t.Errorf("there are %d parts", len(parts))
			}
			plain, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for _, p := range parts {
				if size += len(p.Data); len(p.Data) > largestPart+2 {
					t.Errorf("a part of %d bytes", len(p.Data))
				}
			}
			if len(parts) > 1 && size > len(plain)*2/3 {
				t.Errorf("%d bytes became %d", len(plain), size)
			}
			slices.Reverse(parts) // the server lists the newest first
			data, err := unpack(parts)
			if err != nil {
				t.Fatal(err)
			}
			var got Receipt
			if err := json.Unmarshal(data, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Receipts of earlier releases hold their JSON as it is.
func TestUnpackedReceipt(t *testing.T) {
	part := func(at, text string) prefect.Artifact {
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return prefect.Artifact{Data: data, Metadata: map[string]string{"part": at}}
	}
	got, err := unpack([]prefect.Artifact{part("0001", `"x"}`), part("0000", `{"id":`)})
	if err != nil || string(got) != `{"id":"x"}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestDamagedReceipt(t *testing.T) {
	r := Receipt{ID: "x", Project: "shop", Env: "prod"}
	parts, err := r.pack()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"cut off": strings.TrimSuffix(string(parts[0].Data), `="`)[:20] + `"`, "no base64": `"§"`, "no text": `{}`, "no gzip": `"e30="`,
	} {
		parts[0].Data = json.RawMessage(data)
		if got, err := unpack(parts); err == nil {
			t.Errorf("%s: no error, but %s", name, got)
		}
	}
}
