package schema_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// BenchmarkOf computes the schemas of 1,000 flows with 8 parameters each, in a file each, with types of a shared module. Files are parsed before.
func BenchmarkOf(b *testing.B) {
	root := fstest.MapFS{"shared.py": {Data: []byte("from enum import Enum\nfrom pydantic import BaseModel, Field\nclass Kind(Enum):\n    A = 'a'\n    B = 'b'\n" +
		"class Settings(BaseModel):\n    kind: Kind = Kind.A\n    size: int = Field(3, ge=1)\n    names: list[str] = []\n")}}
	const flows = 1000
	for n := range flows {
		root[fmt.Sprintf("flow%d.py", n)] = &fstest.MapFile{Data: []byte("import datetime\nfrom typing import Literal, Optional\nfrom prefect import flow\nfrom shared import Kind, Settings\n\n" +
			"@flow\ndef work(day: str, limit: int = 10, note: Optional[str] = None, quick: bool = False, mode: Literal['full', 'fast'] = 'full',\n" +
			"         names: list[str] | None = None, settings: Settings = Settings(), since: Optional[datetime.date] = None):\n    pass\n")}
	}
	library := python.NewLibrary(root)
	functions := make([]python.Function, 0, flows)
	for n := range flows {
		m, err := library.Module(fmt.Sprintf("flow%d.py", n))
		if err != nil {
			b.Fatal(err)
		}
		functions = append(functions, m.Functions[0])
	}
	b.ResetTimer()
	for b.Loop() {
		reader := schema.NewReader(library)
		for n, fn := range functions {
			if _, untyped := reader.Of(fmt.Sprintf("flow%d.py", n), "", &fn); len(untyped) > 0 {
				b.Fatal(untyped)
			}
		}
	}
}

// BenchmarkWide computes the schema of a model with 1,000 fields.
func BenchmarkWide(b *testing.B) {
	library, fn := wide(b)
	b.ResetTimer()
	for b.Loop() {
		schema.NewReader(library).Of("wide.py", "", &fn)
	}
}

func wide(tb testing.TB) (*python.Library, python.Function) {
	tb.Helper()
	var text strings.Builder
	text.WriteString("from pydantic import BaseModel\nclass Wide(BaseModel):\n")
	for n := range 1000 {
		fmt.Fprintf(&text, "    field%d: int | None = %d\n", n, n)
	}
	text.WriteString("def f(a: Wide): ...\n")
	library := python.NewLibrary(fstest.MapFS{"wide.py": {Data: []byte(text.String())}})
	m, err := library.Module("wide.py")
	if err != nil {
		tb.Fatal(err)
	}
	return library, m.Functions[0]
}
