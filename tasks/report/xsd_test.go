package report_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"testing"
)

// definition is what JUnit's XSD uses of XML Schema: elements with attributes, some of them required, and with others below them.
type definition struct {
	Elements []element `xml:"element"`
	Times    struct {
		Pattern struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>pattern"`
	} `xml:"simpleType"`
}

type element struct {
	Name    string  `xml:"name,attr"`
	Type    string  `xml:"type,attr"`
	Ref     string  `xml:"ref,attr"`
	Complex complex `xml:"complexType"`
}

type complex struct {
	Mixed      bool        `xml:"mixed,attr"`
	Below      []element   `xml:"sequence>element"`
	Choice     []element   `xml:"choice>element"`
	Choices    []element   `xml:"sequence>choice>element"`
	Attributes []attribute `xml:"attribute"`
}

type attribute struct {
	Name string `xml:"name,attr"`
	Type string `xml:"type,attr"`
	Use  string `xml:"use,attr"`
}

// xsd reads the schema. Its own validation by other programs (xmllint --schema, Python's xmlschema) says the same of the golden file.
func xsd(t *testing.T) definition {
	t.Helper()
	text, err := os.ReadFile("testdata/junit-10.xsd")
	if err != nil {
		t.Fatal(err)
	}
	var d definition
	if err := xml.Unmarshal(text, &d); err != nil || len(d.Elements) < 10 || d.Times.Pattern.Value == "" {
		t.Fatal(err, d)
	}
	return d
}

func (d definition) of(name string) (element, bool) {
	at := slices.IndexFunc(d.Elements, func(e element) bool { return e.Name == name })
	if at < 0 {
		return element{}, false
	}
	return d.Elements[at], true
}

// judge gives what in a text is not as the schema wants it.
func (d definition) judge(text []byte) (wrong []string) {
	times := regexp.MustCompile("^(?:" + d.Times.Pattern.Value + ")$")
	dec := xml.NewDecoder(bytes.NewReader(text))
	var way []element
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return wrong
		}
		if err != nil {
			return append(wrong, err.Error())
		}
		switch x := token.(type) {
		case xml.StartElement:
			e, known := d.of(x.Name.Local)
			if !known || len(way) > 0 && !way[len(way)-1].may(e.Name) {
				wrong = append(wrong, "<"+x.Name.Local+"> may not be here")
			}
			wrong = append(wrong, e.attributes(x.Attr, times)...)
			way = append(way, e)
		case xml.EndElement:
			way = way[:len(way)-1]
		case xml.CharData:
			if len(bytes.TrimSpace(x)) > 0 && !way[len(way)-1].text() {
				wrong = append(wrong, fmt.Sprintf("text in <%s>: %q", way[len(way)-1].Name, x))
			}
		}
	}
}

func (e element) may(name string) bool {
	return slices.ContainsFunc(slices.Concat(e.Complex.Below, e.Complex.Choice, e.Complex.Choices), func(x element) bool { return x.Ref == name })
}

func (e element) text() bool { return e.Complex.Mixed || e.Type == "xs:string" }

func (e element) attributes(given []xml.Attr, times *regexp.Regexp) (wrong []string) {
	for _, a := range given {
		at := slices.IndexFunc(e.Complex.Attributes, func(x attribute) bool { return x.Name == a.Name.Local })
		if at < 0 {
			wrong = append(wrong, fmt.Sprintf("<%s> has no attribute %s", e.Name, a.Name.Local))
		} else if e.Complex.Attributes[at].Type == "SUREFIRE_TIME" && !times.MatchString(a.Value) {
			wrong = append(wrong, fmt.Sprintf("%q is no time", a.Value))
		}
	}
	for _, x := range e.Complex.Attributes {
		if x.Use == "required" && !slices.ContainsFunc(given, func(a xml.Attr) bool { return a.Name.Local == x.Name }) {
			wrong = append(wrong, fmt.Sprintf("<%s> lacks %s", e.Name, x.Name))
		}
	}
	return wrong
}

// The judge itself finds what is wrong.
func TestXSDJudges(t *testing.T) {
	t.Parallel()
	d := xsd(t)
	for text, want := range map[string]int{
		`<testsuites><testsuite name="a" tests="1" failures="0" errors="0"><testcase name="b"/></testsuite></testsuites>`: 0,
		`<testsuites><testcase name="b"/></testsuites>`:                                                                   1,
		`<testsuites><testsuite name="a"/></testsuites>`:                                                                  3,
		`<testsuites colour="x"/>`:                                                                                        1,
		`<testsuites time="long"/>`:                                                                                       1,
		`<testsuites>text</testsuites>`:                                                                                   1,
		`<testsuites><nothing/></testsuites>`:                                                                             1,
		`<testsuites>`:                                                                                                    1,
	} {
		if got := d.judge([]byte(text)); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
