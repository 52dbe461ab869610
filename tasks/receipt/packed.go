package receipt

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// largestPart is how many bytes of a receipt go into one artifact.
const largestPart = 1 << 20

// A part's metadata.
const (
	partField     = "part"     // its place among the others, from 0000
	encodingField = "encoding" // of the whole; missing in receipts of earlier releases, which are JSON as it is
	packed        = "gzip, base64"
)

// pack gives the artifacts that hold a receipt's data. A thousand deployments make 170 kB of JSON, a third of that when packed, and the
// server reads, stores and sends back every byte.
func (r Receipt) pack() ([]prefect.Artifact, error) {
	var text strings.Builder
	encoder := base64.NewEncoder(base64.StdEncoding, &text)
	zip := gzip.NewWriter(encoder)
	err := cmp.Or(json.NewEncoder(zip).Encode(r), zip.Close(), encoder.Close())
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	var out []prefect.Artifact
	for part := range slices.Chunk([]byte(text.String()), largestPart) {
		data, err := json.Marshal(string(part))
		if err != nil {
			return nil, fmt.Errorf("receipt: %w", err)
		}
		out = append(out, prefect.Artifact{
			Key: Key(ownership.Owner{Project: r.Project, Env: r.Env}) + "-" + r.ID, Type: "flowmage-receipt", Data: data,
			Metadata: map[string]string{partField: fmt.Sprintf("%04d", len(out)), encodingField: packed},
		})
	}
	return out, nil
}

// unpack gives the JSON of a receipt from its parts, in whatever order.
func unpack(parts []prefect.Artifact) ([]byte, error) {
	parts = slices.SortedFunc(slices.Values(parts), func(a, b prefect.Artifact) int {
		return cmp.Compare(a.Metadata[partField], b.Metadata[partField])
	})
	var data bytes.Buffer
	for _, p := range parts {
		var text string
		if err := json.Unmarshal(p.Data, &text); err != nil {
			return nil, err
		}
		data.WriteString(text)
	}
	if len(parts) == 0 || parts[0].Metadata[encodingField] != packed {
		return data.Bytes(), nil
	}
	zip, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, &data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zip)
}
