package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// moment gives a datetime, date or time of whole numbers.
func moment(name string, args []value, keywords map[string]value) (value, error) {
	names := []string{"year", "month", "day", "hour", "minute", "second", "microsecond"}
	switch name {
	case "datetime.time":
		names = names[3:]
	case "datetime.date":
		names = names[:3]
	}
	at := map[string]int{"year": 2000, "month": 1, "day": 1}
	zone := ""
	set := func(key string, v value) error {
		if key == "tzinfo" && name == "datetime.datetime" {
			var err error
			zone, err = zoneOf(v)
			return err
		}
		n, ok := v.json.(int64)
		if v.kind != "int" || !ok || !slices.Contains(names, key) {
			return unknownf("a time that is computed")
		}
		at[key] = int(n)
		return nil
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
	t := time.Date(at["year"], time.Month(at["month"]), at["day"], at["hour"], at["minute"], at["second"], at["microsecond"]*1000, time.UTC)
	if !exists(t, at) {
		return value{}, unknownf("a time that does not exist")
	}
	clock := t.Format("15:04:05")
	if at["microsecond"] > 0 {
		clock = t.Format("15:04:05.000000")
	}
	switch name {
	case "datetime.date":
		return value{json: t.Format(time.DateOnly), kind: name}, nil
	case "datetime.time":
		return value{json: clock, kind: name}, nil
	default:
		return value{json: t.Format(time.DateOnly) + "T" + clock + zone, kind: name}, nil
	}
}

func exists(t time.Time, at map[string]int) bool {
	return at["year"] >= 1 && at["year"] <= 9999 && t.Year() == at["year"] && int(t.Month()) == at["month"] && t.Day() == at["day"] && t.Hour() == at["hour"] &&
		t.Minute() == at["minute"] && t.Second() == at["second"] && t.Nanosecond() == at["microsecond"]*1000
}

// zoneOf writes a time zone: "", Z, or an offset of whole minutes.
func zoneOf(v value) (string, error) {
	seconds, ok := v.json.(int64)
	switch {
	case v.kind == "NoneType":
		return "", nil
	case v.kind != "datetime.timezone" || !ok || seconds%60 != 0 || seconds <= -86400 || seconds >= 86400:
		return "", unknownf("a time zone that is not read")
	case seconds == 0:
		return "Z", nil
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60), nil
}

// duration gives a timedelta. Its first item is the microseconds.
func duration(args []value, keywords map[string]value) (value, error) {
	sizes := map[string]int64{
		"days": 86400e6, "seconds": 1e6, "microseconds": 1, "milliseconds": 1e3, "minutes": 60e6, "hours": 3600e6, "weeks": 7 * 86400e6,
	}
	order := []string{"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"}
	total := new(big.Int)
	add := func(unit string, v value) error {
		n, ok := v.json.(int64)
		if size := sizes[unit]; v.kind == "int" && ok && size > 0 {
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
	if total.CmpAbs(big.NewInt(86400e6*99999)) > 0 {
		return value{}, unknownf("a timedelta that long")
	}
	micros := total.Int64()
	return value{json: period(micros), kind: "datetime.timedelta", items: []value{numberValue(micros)}}, nil
}

// period writes microseconds as pydantic does: years of 365 days, days, hours, minutes and seconds.
func period(micros int64) string {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	days, rest := micros/86400e6, micros%86400e6
	var b strings.Builder
	b.WriteString(sign + "P")
	some := func(n int64, unit string) {
		if n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + unit)
		}
	}
	some(days/365, "Y")
	some(days%365, "D")
	if rest == 0 && days > 0 {
		return b.String()
	}
	b.WriteString("T")
	seconds, fraction := rest/1e6, rest%1e6
	some(seconds/3600, "H")
	some(seconds/60%60, "M")
	switch {
	case fraction > 0:
		b.WriteString(strconv.FormatInt(seconds%60, 10) + "." + strings.TrimRight(fmt.Sprintf("%06d", fraction), "0") + "S")
	case rest == 0:
		b.WriteString("0S")
	default:
		some(seconds%60, "S")
	}
	return b.String()
}
