package schema_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// Whatever parses as Python has a schema that can be sent, and a reason where it has no type.
func FuzzOf(f *testing.F) {
	for _, name := range []string{"first", "kinds", "models", "mixed"} {
		source, err := os.ReadFile(filepath.Join("testdata", "table", name+".py"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte("def f(a: 'x' = 1e400, *b, c: list[list[int]] | None = [[]]):\n    '''Args:\n        a: x\n  '''\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		m, err := python.Parse(source)
		if err != nil {
			return
		}
		checked(t, source, m)
	})
}

// Any text as an annotation and as a default ends, and is exact or untyped.
func FuzzAnnotation(f *testing.F) {
	for _, text := range []string{
		"int", "Optional[M]", "list[dict[str, 'M | None']]", "Annotated[int, Field(ge=1)]", "Literal['a', 1]", "A", "tuple[()]", "type[M]",
		"'''list[\"M\"]'''", "M | (N | None)", "Box[Box[int]]", "E.A", "x", "...", "[int]", "Annotated[A, Field(discriminator='kind')]",
		"S[Any]", "S", "K", "Box[List[K]]", "Union[K, S[int], None]",
	} {
		f.Add(text, "None")
		f.Add("int", text)
	}
	f.Fuzz(func(t *testing.T, annotation, value string) {
		source := []byte("from typing import *\nfrom typing import Annotated, Optional, Literal, Union, Generic, TypeVar\nfrom pydantic import BaseModel, Field\n" +
			"import enum\nT = TypeVar('T')\nA = B = Optional['A']\nx = y\ny = x\nclass E(enum.Enum):\n    A = 1\n" +
			"class M(BaseModel):\n    n: Optional['N'] = None\nclass N(M):\n    m: M\nclass Box(BaseModel, Generic[T]):\n    v: T\n" +
			"class K(Block):\n    '''Is.\n\n    Attributes:\n        s: x\n    '''\n    s: SecretStr\n    m: Optional[M] = None\n" +
			"def f(a: " + annotation + " = " + value + "): ...\n")
		m, err := python.Parse(source)
		if err != nil {
			return
		}
		checked(t, source, m)
	})
}

func checked(t *testing.T, source []byte, m *python.Module) {
	t.Helper()
	library := python.NewLibrary(fstest.MapFS{"m.py": {Data: source}})
	reader := schema.NewReader(library)
	for _, fn := range m.Functions {
		s, untyped := reader.Of("m.py", "", &fn)
		for _, u := range untyped {
			if u.Reason == "" {
				t.Errorf("%s is untyped for no reason", u.Parameter)
			}
		}
		if _, err := s.Text(); err != nil {
			t.Error(err)
		}
	}
}
