package python

// Node is a small tree of one expression. It has the forms that declarations are read from; everything else, such as a lambda, a
// comprehension or a comparison, is an [Other].
type Node interface{ node() }

// The nodes.
type (
	// Name is an identifier.
	Name struct{ ID string }
	// Attribute is value.attr.
	Attribute struct {
		Value Node
		Attr  string
	}
	// Call is func(args, name=value). A starred argument is an Other, a double-starred one a Keyword without a name.
	Call struct {
		Func     Node
		Args     []Node
		Keywords []Keyword
	}
	// Keyword is a named argument. Text is the source of its value, and Offset where that starts in the source of the whole expression.
	Keyword struct {
		Name   string
		Value  Node
		Text   string
		Offset int
	}
	// Subscript is value[index]; several indices are a Tuple.
	Subscript struct{ Value, Index Node }
	// Binary is left op right for the arithmetic and bit operators.
	Binary struct {
		Op          string
		Left, Right Node
	}
	// Unary is op operand for +, - and ~.
	Unary struct {
		Op      string
		Operand Node
	}
	// Constant is a string, int64, *big.Int, float64, bool, Bytes, or nil for None.
	Constant struct{ Value any }
	// List is [a, b].
	List struct{ Elements []Node }
	// Tuple is (a, b).
	Tuple struct{ Elements []Node }
	// Set is {a, b}.
	Set struct{ Elements []Node }
	// Dict is {key: value}; the key of **value is nil.
	Dict struct{ Keys, Values []Node }
	// JoinedString is an f-string, or strings joined with one: a Constant for each piece of text, and the expression of each field. A
	// field with a conversion or a format is an Other.
	JoinedString struct{ Parts []Node }
	// Ellipsis is three dots.
	Ellipsis struct{}
	// Other is any other expression.
	Other struct{}
)

// Bytes is the value of a bytes literal, as written between its quotes.
type Bytes string

func (*Name) node()         {}
func (*Attribute) node()    {}
func (*Call) node()         {}
func (*Subscript) node()    {}
func (*Binary) node()       {}
func (*Unary) node()        {}
func (*Constant) node()     {}
func (*List) node()         {}
func (*Tuple) node()        {}
func (*Set) node()          {}
func (*Dict) node()         {}
func (*JoinedString) node() {}
func (*Ellipsis) node()     {}
func (*Other) node()        {}

// Dotted gives the text of a name or a chain of attributes on a name, such as prefect.flows.flow.
func Dotted(n Node) (string, bool) {
	switch x := n.(type) {
	case *Name:
		return x.ID, true
	case *Attribute:
		head, ok := Dotted(x.Value)
		return head + "." + x.Attr, ok
	default:
		return "", false
	}
}
