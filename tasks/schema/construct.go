package schema

import (
	"fmt"
	"math/big"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/python"
)

// calledValue evaluates the constructors of plain values and of the repository's own classes.
func (r *Reader) calledValue(at python.Place, c *python.Call, depth int) (value, error) {
	dotted, ok := python.Dotted(c.Func)
	if !ok {
		return value{}, unknownf("it is computed")
	}
	o, err := r.resolve(scope{Place: at}, dotted)
	if err != nil {
		return value{}, err
	}
	if o.Class != nil && o.Rest == "" {
		cl, err := r.class(o.File, at.Script, o.Module, o.Class)
		if err != nil {
			return value{}, err
		}
		return r.construct(at, cl, c, depth)
	}
	if o.name == "" {
		return value{}, unknownf("%s(…) is computed", dotted)
	}
	args, _, err := r.all(at, c.Args, depth)
	if err != nil {
		return value{}, err
	}
	keywords := map[string]value{}
	for _, k := range c.Keywords {
		if k.Name == "" {
			return value{}, unknownf("%s(…) is computed", dotted)
		}
		v, err := r.value(at, k.Value, depth+1)
		if err != nil {
			return value{}, err
		}
		keywords[k.Name] = v
	}
	return r.made(o.name, dotted, args, keywords)
}

// made gives what a constructor of Python's library or pydantic makes.
func (*Reader) made(name, dotted string, args []value, keywords map[string]value) (value, error) {
	none := len(args) == 0 && len(keywords) == 0
	text, isText := "", false
	if len(args) == 1 && len(keywords) == 0 && args[0].kind == "str" {
		text, isText = args[0].json.(string)
	}
	switch name {
	case "builtins.object":
		if none {
			return value{kind: "object", opaque: true}, nil
		}
	case "re.compile":
		if isText {
			return value{json: text, kind: "re.Pattern"}, nil
		}
	case "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.str", "builtins.int", "builtins.bool", "builtins.float":
		if none {
			return emptyOf(strings.TrimPrefix(name, "builtins."))
		}
		if name == "builtins.frozenset" && len(args) == 1 && len(keywords) == 0 && args[0].kind == "set" {
			v := args[0]
			v.kind = "frozenset"
			return v, nil
		}
		if word := strings.ToLower(strings.TrimLeft(strings.TrimSpace(text), "+-")); isText && name == "builtins.float" && (word == "inf" || word == "nan" || word == "infinity") {
			return value{kind: "float"}, nil
		}
		if name == "builtins.dict" && len(args) == 0 {
			v := value{kind: "dict"}
			m := map[string]any{}
			for k, x := range keywords {
				m[k] = x.json
				v.keys, v.items, v.opaque = append(v.keys, textValue(k)), append(v.items, x), v.opaque || x.opaque
			}
			v.json = m
			return v, nil
		}
	case "datetime.datetime", "datetime.date", "datetime.time":
		return moment(name, args, keywords)
	case "datetime.timedelta":
		return duration(args, keywords)
	case "datetime.timezone":
		if len(args) == 1 && args[0].kind == "datetime.timedelta" && len(keywords) == 0 {
			return value{kind: name, json: args[0].items[0].json.(int64) / 1e6, opaque: true}, nil //nolint:forcetypeassert // duration has it so
		}
	case "pathlib.Path":
		var parts []string
		for _, a := range args {
			s, ok := a.json.(string)
			if !ok || a.kind != "str" && a.kind != "pathlib.Path" {
				return value{}, unknownf("%s(…) is computed", dotted)
			}
			parts = append(parts, s)
		}
		if len(keywords) == 0 {
			return pathValue(parts)
		}
	case "decimal.Decimal":
		if len(args) == 1 && len(keywords) == 0 {
			return decimalValue(args[0])
		}
	case "uuid.UUID":
		if hex := strings.ToLower(strings.NewReplacer("-", "", "{", "", "}", "", "urn:", "", "uuid:", "").Replace(text)); isText && uuidText.MatchString(hex) {
			return value{json: hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:], kind: name}, nil
		}
	case "pydantic.SecretStr":
		if isText {
			if text == "" {
				return value{json: "", kind: name}, nil
			}
			return value{json: "**********", kind: name}, nil
		}
	}
	return value{}, unknownf("%s(…) is computed", dotted)
}

var (
	uuidText    = regexp.MustCompile(`^[0-9a-f]{32}$`)
	plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,5})?$`)
)

func decimalValue(v value) (value, error) {
	switch x := v.json.(type) {
	case string:
		if v.kind == "str" && plainNumber.MatchString(x) {
			return value{json: x, kind: "decimal.Decimal"}, nil
		}
	case int64:
		if v.kind == "int" {
			return value{json: strconv.FormatInt(x, 10), kind: "decimal.Decimal"}, nil
		}
	}
	return value{}, unknownf("a Decimal of that")
}

func pathValue(parts []string) (value, error) {
	out := ""
	for _, p := range parts {
		if strings.HasPrefix(p, "/") {
			out = p
			continue
		}
		out += "/" + p
	}
	for _, piece := range strings.Split(out, "/") {
		if piece == ".." {
			return value{}, unknownf("a path with ..")
		}
	}
	if strings.HasPrefix(out, "//") && !strings.HasPrefix(parts[0], "//") {
		out = out[1:]
	}
	absolute := len(parts) > 0 && func() bool {
		for _, p := range parts {
			if strings.HasPrefix(p, "/") {
				return true
			}
		}
		return false
	}()
	if strings.HasPrefix(out, "//") {
		return value{}, unknownf("a path with two slashes first")
	}
	clean := path.Clean("/" + out)
	if !absolute {
		clean = strings.TrimPrefix(clean, "/")
	}
	if clean == "" {
		clean = "."
	}
	return value{json: clean, kind: "pathlib.Path"}, nil
}

func emptyOf(kind string) (value, error) {
	switch kind {
	case "list", "tuple", "set", "frozenset":
		return value{json: []any{}, kind: kind}, nil
	case "dict":
		return value{json: map[string]any{}, kind: kind}, nil
	case "str":
		return textValue(""), nil
	case "int":
		return numberValue(0), nil
	case "bool":
		return value{json: false, kind: kind}, nil
	default:
		return value{json: 0.0, kind: kind}, nil
	}
}

// moment gives a datetime, date or time of whole numbers.
func moment(name string, args []value, keywords map[string]value) (value, error) {
	names := []string{"year", "month", "day", "hour", "minute", "second", "microsecond"}
	at := map[string]int{"month": 1, "day": 1}
	if name == "datetime.time" {
		names = names[3:]
	}
	if name == "datetime.date" {
		names = names[:3]
	}
	zone := ""
	set := func(key string, v value) error {
		if key == "tzinfo" && name != "datetime.date" {
			seconds, ok := v.json.(int64)
			if v.kind == "NoneType" {
				return nil
			}
			if v.kind != "datetime.timezone" || !ok || seconds%60 != 0 || seconds <= -86400 || seconds >= 86400 {
				return unknownf("a time zone that is not read")
			}
			zone = "Z"
			if seconds != 0 {
				sign := '+'
				if seconds < 0 {
					sign, seconds = '-', -seconds
				}
				zone = fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
			}
			return nil
		}
		n, ok := v.json.(int64)
		if v.kind != "int" || !ok {
			return unknownf("a time that is computed")
		}
		for _, known := range names {
			if known == key {
				at[key] = int(n)
				return nil
			}
		}
		return unknownf("a time that is computed")
	}
	for i, a := range args {
		key := "tzinfo"
		if i < len(names) {
			key = names[i]
		}
		if err := set(key, a); err != nil {
			return value{}, err
		}
	}
	for k, v := range keywords {
		if err := set(k, v); err != nil {
			return value{}, err
		}
	}
	year := at["year"]
	if name == "datetime.time" {
		year = 2000
	}
	t := time.Date(year, time.Month(at["month"]), at["day"], at["hour"], at["minute"], at["second"], at["microsecond"]*1000, time.UTC)
	if t.Year() != year || year < 1 || year > 9999 || int(t.Month()) != at["month"] || t.Day() != at["day"] || t.Hour() != at["hour"] || t.Minute() != at["minute"] ||
		t.Second() != at["second"] || t.Nanosecond() != at["microsecond"]*1000 {
		return value{}, unknownf("a time that does not exist")
	}
	clock := t.Format("15:04:05")
	if at["microsecond"] > 0 {
		clock = t.Format("15:04:05.000000")
	}
	switch name {
	case "datetime.date":
		return value{json: t.Format("2006-01-02"), kind: name}, nil
	case "datetime.time":
		if zone != "" {
			return value{}, unknownf("a time of day with a time zone")
		}
		return value{json: clock, kind: name}, nil
	default:
		return value{json: t.Format("2006-01-02") + "T" + clock + zone, kind: name}, nil
	}
}

// duration gives a timedelta as pydantic writes it: years of 365 days, days, hours, minutes and seconds. Its first item is the microseconds.
func duration(args []value, keywords map[string]value) (value, error) {
	units := map[string]int64{
		"days": 86400e6, "seconds": 1e6, "microseconds": 1, "milliseconds": 1e3, "minutes": 60e6, "hours": 3600e6, "weeks": 7 * 86400e6,
	}
	order := []string{"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"}
	total := new(big.Int)
	add := func(unit string, v value) error {
		n, ok := v.json.(int64)
		if size := units[unit]; v.kind == "int" && ok && size > 0 {
			total.Add(total, new(big.Int).Mul(big.NewInt(n), big.NewInt(size)))
			return nil
		}
		return unknownf("a timedelta that is computed")
	}
	if len(args) > len(order) {
		return value{}, unknownf("a timedelta that is computed")
	}
	for i, a := range args {
		if err := add(order[i], a); err != nil {
			return value{}, err
		}
	}
	for k, v := range keywords {
		if err := add(k, v); err != nil {
			return value{}, err
		}
	}
	if !total.IsInt64() || total.CmpAbs(big.NewInt(86400e6*99999)) > 0 {
		return value{}, unknownf("a timedelta that long")
	}
	micros := total.Int64()
	out := value{kind: "datetime.timedelta", items: []value{numberValue(micros)}}
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	days, rest := micros/86400e6, micros%86400e6
	var b strings.Builder
	b.WriteString(sign + "P")
	if years := days / 365; years > 0 {
		fmt.Fprintf(&b, "%dY", years)
	}
	if days%365 > 0 {
		fmt.Fprintf(&b, "%dD", days%365)
	}
	if rest > 0 || days == 0 {
		b.WriteString("T")
		seconds, fraction := rest/1e6, rest%1e6
		hours, minutes, left := seconds/3600, seconds/60%60, seconds%60
		if hours > 0 {
			fmt.Fprintf(&b, "%dH", hours)
		}
		if minutes > 0 {
			fmt.Fprintf(&b, "%dM", minutes)
		}
		switch {
		case fraction > 0:
			b.WriteString(strconv.FormatInt(left, 10) + "." + strings.TrimRight(fmt.Sprintf("%06d", fraction), "0") + "S")
		case left > 0 || rest == 0:
			fmt.Fprintf(&b, "%dS", left)
		}
	}
	out.json = b.String()
	return out, nil
}
