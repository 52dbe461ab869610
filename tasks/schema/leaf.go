package schema

import "encoding/json"

// leaf is a type without parts: its schema, and what pydantic makes of it, which decides what constraints do.
type leaf struct{ core, text string }

func (l leaf) property() Property {
	p := Property{}
	if l.text != "" {
		_ = json.Unmarshal([]byte(l.text), &p) // a test reads them all
	}
	return p
}

const (
	coreString = "str"
	coreInt    = "int"
	coreFloat  = "float"
	coreOther  = "other"
)

// leaves are the types without parts by their canonical names (pydantic 2.14: json_schema, _generate_schema, types, networks).
var leaves = map[string]leaf{ //nolint:gochecknoglobals // a table that nothing writes to
	"builtins.str":       {coreString, `{"type":"string"}`},
	"builtins.int":       {coreInt, `{"type":"integer"}`},
	"builtins.float":     {coreFloat, `{"type":"number"}`},
	"builtins.bool":      {"bool", `{"type":"boolean"}`},
	"builtins.bytes":     {"bytes", `{"type":"string","format":"binary"}`},
	"builtins.complex":   {"complex", `{"type":"string"}`},
	"builtins.object":    {"any", ``},
	"typing.Any":         {"any", ``},
	"builtins.bytearray": {"instance", ``},
	"builtins.range":     {"instance", ``},
	"builtins.type":      {coreOther, ``},

	"builtins.Exception": {"instance", ``}, "builtins.BaseException": {"instance", ``}, "builtins.ValueError": {"instance", ``},
	"builtins.TypeError": {"instance", ``}, "builtins.KeyError": {"instance", ``}, "builtins.RuntimeError": {"instance", ``},
	"collections.abc.Hashable": {coreOther, ``},
	"builtins.memoryview":      {"instance", ``}, "builtins.slice": {"instance", ``},

	"collections.abc.Collection": {"instance", ``}, "collections.abc.Container": {"instance", ``}, "collections.abc.Iterator": {"instance", ``},
	"collections.ChainMap": {"instance", ``}, "collections.abc.Sized": {"instance", ``}, "collections.abc.Awaitable": {"instance", ``},
	"collections.abc.Coroutine": {"instance", ``}, "collections.abc.AsyncIterator": {"instance", ``}, "collections.abc.AsyncIterable": {"instance", ``},
	"collections.abc.AsyncGenerator": {"instance", ``}, "collections.abc.KeysView": {"instance", ``}, "collections.abc.Set": {"frozenset", `{"type":"array","items":{},"uniqueItems":true}`},

	"datetime.datetime":       {"datetime", `{"type":"string","format":"date-time"}`},
	"datetime.date":           {"date", `{"type":"string","format":"date"}`},
	"datetime.time":           {"time", `{"type":"string","format":"time"}`},
	"datetime.timedelta":      {"timedelta", `{"type":"string","format":"duration"}`},
	"datetime.tzinfo":         {"instance", ``},
	"datetime.timezone":       {"instance", ``},
	"uuid.UUID":               {"uuid", `{"type":"string","format":"uuid"}`},
	"decimal.Decimal":         {"decimal", `{"anyOf":[{"type":"number"},{"type":"string"}]}`},
	"fractions.Fraction":      {"fraction", `{"anyOf":[{"type":"number"},{"type":"string","format":"fraction"}]}`},
	"pathlib.Path":            {coreOther, `{"type":"string","format":"path"}`},
	"pathlib.PurePath":        {coreOther, `{"type":"string","format":"path"}`},
	"pathlib.PosixPath":       {coreOther, `{"type":"string","format":"path"}`},
	"pathlib.PurePosixPath":   {coreOther, `{"type":"string","format":"path"}`},
	"pathlib.PureWindowsPath": {coreOther, `{"type":"string","format":"path"}`},
	"os.PathLike":             {coreOther, `{"type":"string","format":"path"}`},
	"re.Pattern":              {coreOther, `{"type":"string","format":"regex"}`},
	"ipaddress.IPv4Address":   {coreOther, `{"type":"string","format":"ipv4"}`},
	"ipaddress.IPv4Network":   {coreOther, `{"type":"string","format":"ipv4network"}`},
	"ipaddress.IPv4Interface": {coreOther, `{"type":"string","format":"ipv4interface"}`},
	"ipaddress.IPv6Address":   {coreOther, `{"type":"string","format":"ipv6"}`},
	"ipaddress.IPv6Network":   {coreOther, `{"type":"string","format":"ipv6network"}`},
	"ipaddress.IPv6Interface": {coreOther, `{"type":"string","format":"ipv6interface"}`},

	"zoneinfo.ZoneInfo": {coreOther, `{"type":"string","format":"zoneinfo"}`},

	"pendulum.DateTime": {"instance", ``}, "pendulum.Date": {"instance", ``}, "pendulum.Time": {"instance", ``}, "pendulum.Duration": {"instance", ``},

	"pydantic.SecretStr":         {coreOther, `{"type":"string","format":"password","writeOnly":true}`},
	"pydantic.SecretBytes":       {coreOther, `{"type":"string","format":"password","writeOnly":true}`},
	"pydantic.AnyUrl":            {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.HttpUrl":           {"url", `{"type":"string","format":"uri","minLength":1,"maxLength":2083}`},
	"pydantic.RedisDsn":          {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.PostgresDsn":       {"url", `{"type":"string","format":"multi-host-uri","minLength":1}`},
	"pydantic.AnyHttpUrl":        {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.AnyWebsocketUrl":   {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.FileUrl":           {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.FtpUrl":            {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.CockroachDsn":      {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.AmqpDsn":           {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.KafkaDsn":          {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.MySQLDsn":          {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.MariaDBDsn":        {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.ClickHouseDsn":     {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.SnowflakeDsn":      {"url", `{"type":"string","format":"uri","minLength":1}`},
	"pydantic.WebsocketUrl":      {"url", `{"type":"string","format":"uri","minLength":1,"maxLength":2083}`},
	"pydantic.MongoDsn":          {"url", `{"type":"string","format":"multi-host-uri","minLength":1}`},
	"pydantic.NatsDsn":           {"url", `{"type":"string","format":"multi-host-uri","minLength":1}`},
	"pydantic.IPvAnyInterface":   {coreOther, `{"type":"string","format":"ipvanyinterface"}`},
	"pydantic.IPvAnyNetwork":     {coreOther, `{"type":"string","format":"ipvanynetwork"}`},
	"pydantic.UUID6":             {coreOther, `{"type":"string","format":"uuid6"}`},
	"pydantic.UUID7":             {coreOther, `{"type":"string","format":"uuid7"}`},
	"pydantic.UUID8":             {coreOther, `{"type":"string","format":"uuid8"}`},
	"pydantic.SocketPath":        {coreOther, `{"type":"string","format":"path"}`},
	"pydantic.Base64UrlStr":      {coreOther, `{"type":"string","format":"base64url"}`},
	"pydantic.Base64UrlBytes":    {coreOther, `{"type":"string","format":"base64url"}`},
	"pydantic.PaymentCardNumber": {coreOther, `{"type":"string","minLength":12,"maxLength":19}`},
	"pydantic.EmailStr":          {coreOther, `{"type":"string","format":"email"}`},
	"pydantic.NameEmail":         {coreOther, `{"type":"string","format":"name-email"}`},
	"pydantic.ImportString":      {coreOther, `{"type":"string"}`},
	"pydantic.IPvAnyAddress":     {coreOther, `{"type":"string","format":"ipvanyaddress"}`},
	"pydantic.PastDate":          {coreOther, `{"type":"string","format":"date"}`},
	"pydantic.FutureDate":        {coreOther, `{"type":"string","format":"date"}`},
	"pydantic.PastDatetime":      {coreOther, `{"type":"string","format":"date-time"}`},
	"pydantic.FutureDatetime":    {coreOther, `{"type":"string","format":"date-time"}`},
	"pydantic.AwareDatetime":     {coreOther, `{"type":"string","format":"date-time"}`},
	"pydantic.NaiveDatetime":     {coreOther, `{"type":"string","format":"date-time"}`},
	"pydantic.Json":              {coreOther, `{"type":"string","contentMediaType":"application/json","contentSchema":{}}`},
	"pydantic.ByteSize":          {coreOther, `{"anyOf":[{"type":"string","pattern":"^\\s*(\\d*\\.?\\d+)\\s*(\\w+)?"},{"type":"integer","minimum":0}]}`},
	"pydantic.FilePath":          {coreOther, `{"type":"string","format":"file-path"}`},
	"pydantic.DirectoryPath":     {coreOther, `{"type":"string","format":"directory-path"}`},
	"pydantic.NewPath":           {coreOther, `{"type":"string","format":"path"}`},
	"pydantic.UUID1":             {coreOther, `{"type":"string","format":"uuid1"}`},
	"pydantic.UUID3":             {coreOther, `{"type":"string","format":"uuid3"}`},
	"pydantic.UUID4":             {coreOther, `{"type":"string","format":"uuid4"}`},
	"pydantic.UUID5":             {coreOther, `{"type":"string","format":"uuid5"}`},
	"pydantic.Base64Str":         {coreOther, `{"type":"string","format":"base64"}`},
	"pydantic.Base64Bytes":       {coreOther, `{"type":"string","format":"base64"}`},
	"pydantic.PositiveInt":       {coreInt, `{"type":"integer","exclusiveMinimum":0}`},
	"pydantic.NegativeInt":       {coreInt, `{"type":"integer","exclusiveMaximum":0}`},
	"pydantic.NonNegativeInt":    {coreInt, `{"type":"integer","minimum":0}`},
	"pydantic.NonPositiveInt":    {coreInt, `{"type":"integer","maximum":0}`},
	"pydantic.PositiveFloat":     {coreFloat, `{"type":"number","exclusiveMinimum":0}`},
	"pydantic.NegativeFloat":     {coreFloat, `{"type":"number","exclusiveMaximum":0}`},
	"pydantic.NonNegativeFloat":  {coreFloat, `{"type":"number","minimum":0}`},
	"pydantic.NonPositiveFloat":  {coreFloat, `{"type":"number","maximum":0}`},
	"pydantic.FiniteFloat":       {coreFloat, `{"type":"number"}`},
	"pydantic.StrictInt":         {coreInt, `{"type":"integer"}`},
	"pydantic.StrictFloat":       {coreFloat, `{"type":"number"}`},
	"pydantic.StrictStr":         {coreString, `{"type":"string"}`},
	"pydantic.StrictBool":        {"bool", `{"type":"boolean"}`},
	"pydantic.StrictBytes":       {"bytes", `{"type":"string","format":"binary"}`},
}

// container tells whether a canonical name is a type that takes others.
func container(name string) bool {
	switch name {
	case "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.type", "collections.deque",
		"collections.abc.Sequence", "collections.abc.MutableSequence", "collections.abc.Iterable", "collections.abc.Generator", "collections.abc.MutableSet",
		"collections.abc.Set", "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.defaultdict", "collections.OrderedDict",
		"collections.Counter", "collections.abc.Callable", "typing.AnyStr", "pydantic.JsonValue":
		return true
	}
	return false
}

// special tells whether a canonical name is a form of typing, or a function of pydantic that makes a type or a field.
func special(name string) bool {
	switch name {
	case "typing.Optional", "typing.Union", "typing.Literal", "typing.Annotated", "typing.Final", "typing.Generic", "typing.TypedDict", "typing.NamedTuple",
		"typing.NewType", "typing.TypeVar", "typing.ClassVar", "typing.Required", "typing.NotRequired", "typing.TypeAlias", "typing.Protocol",
		"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "enum.auto", "pydantic.BaseModel", "pydantic.Field", "pydantic.ConfigDict",
		"pydantic.RootModel", "pydantic.StringConstraints", "dataclasses.dataclass", "dataclasses.field", "pydantic.dataclasses.dataclass":
		return true
	}
	return false
}
