package schema

import "strings"

// canonical gives one name for the many under which a type of Python's library or of pydantic can be imported.
func canonical(name string) string {
	if rest, ok := strings.CutPrefix(name, "typing_extensions."); ok {
		name = "typing." + rest
	}
	if full, ok := synonyms[name]; ok {
		return full
	}
	module, last := cutLast(name)
	switch module {
	case "pydantic.types", "pydantic.networks", "pydantic.fields", "pydantic.main", "pydantic.config", "pydantic.root_model",
		"pydantic.functional_validators", "pydantic.functional_serializers", "pydantic.types_", "pydantic.aliases":
		return "pydantic." + last
	}
	return name
}

// synonyms are the old names of typing, and other second names.
var synonyms = map[string]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"typing.List": "builtins.list", "typing.Dict": "builtins.dict", "typing.Set": "builtins.set", "typing.FrozenSet": "builtins.frozenset",
	"typing.Tuple": "builtins.tuple", "typing.Type": "builtins.type", "typing.Text": "builtins.str",
	"typing.Sequence": "collections.abc.Sequence", "typing.Iterable": "collections.abc.Iterable", "typing.Iterator": "collections.abc.Iterator",
	"typing.Generator": "collections.abc.Generator", "typing.Collection": "collections.abc.Collection", "typing.Container": "collections.abc.Container",
	"typing.Mapping": "collections.abc.Mapping", "typing.MutableMapping": "collections.abc.MutableMapping",
	"typing.MutableSequence": "collections.abc.MutableSequence", "typing.MutableSet": "collections.abc.MutableSet",
	"typing.AbstractSet": "collections.abc.Set", "typing.Callable": "collections.abc.Callable", "typing.Hashable": "collections.abc.Hashable",
	"typing.Sized": "collections.abc.Sized", "typing.Awaitable": "collections.abc.Awaitable", "typing.Coroutine": "collections.abc.Coroutine",
	"typing.AsyncIterator": "collections.abc.AsyncIterator", "typing.AsyncIterable": "collections.abc.AsyncIterable",
	"typing.AsyncGenerator": "collections.abc.AsyncGenerator", "typing.KeysView": "collections.abc.KeysView",
	"typing.DefaultDict": "collections.defaultdict", "typing.OrderedDict": "collections.OrderedDict", "typing.Counter": "collections.Counter",
	"typing.ChainMap": "collections.ChainMap", "typing.Deque": "collections.deque", "typing.Pattern": "re.Pattern", "typing.Match": "re.Match",
	"pydantic.dataclasses.Field": "pydantic.Field", "types.NoneType": "builtins.None",
	"pathlib._local.Path":        "pathlib.Path",
	"pendulum.datetime.DateTime": "pendulum.DateTime", "pendulum.date.Date": "pendulum.Date", "pendulum.time.Time": "pendulum.Time",
	"pendulum.duration.Duration": "pendulum.Duration",
}

// cutLast cuts a dotted name before its last part. Of a name without a dot that is all.
func cutLast(s string) (before, last string) {
	i := strings.LastIndexByte(s, '.')
	return s[:max(i, 0)], s[i+1:]
}

// builtin tells whether Python itself binds the name.
func builtin(name string) bool {
	switch name {
	case "str", "int", "float", "bool", "bytes", "bytearray", "memoryview", "complex", "object", "type", "list", "dict", "set", "frozenset", "tuple", "range",
		"slice", "Exception", "BaseException", "ValueError", "TypeError", "KeyError", "RuntimeError", "property", "super", "enumerate", "zip", "map",
		"filter", "reversed", "classmethod", "staticmethod",
		"len", "print", "callable", "any", "all", "id", "input", "open", "min", "max", "sum", "sorted", "format", "hash", "iter", "next", "repr", "vars",
		"abs", "round", "chr", "ord", "bin", "hex", "oct", "pow", "divmod", "getattr", "hasattr", "setattr", "isinstance", "issubclass", "globals",
		"locals", "dir", "help", "eval", "exec", "compile", "ascii", "delattr", "breakpoint", "aiter", "anext":
		return true
	}
	return false
}

// standardModule tells of a module whose star import binds nothing that hides a builtin type.
func standardModule(name string) bool {
	switch name {
	case "typing", "pydantic", "datetime", "enum", "decimal", "prefect", "typing_extensions", "pathlib", "uuid", "dataclasses", "collections", "annotated_types":
		return true
	}
	return false
}
