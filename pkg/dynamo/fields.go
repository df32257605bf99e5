package dynamo

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// fields reads an item's attributes and keeps the first error. Nothing that was
// read may be used before err has been looked at: an item that cannot be read is
// an outage, never a user without factors or a policy without force.
type fields struct {
	of   string // what the item is, for the error
	item item
	lax  bool // an absent attribute is the zero value
	err  *error
}

// read begins reading an item: must for attributes that every one has, may for the others. Both share err.
func read(of string, i item) (must, may fields, err *error) {
	err = new(error)
	must = fields{of: of, item: i, err: err}
	may = must
	may.lax = true
	return must, may, err
}

// fail names the attribute and never its value, which may be personal or sealed.
func (f fields) fail(name, what string) {
	if *f.err == nil {
		*f.err = fmt.Errorf("dynamo: %s item: attribute %s %s", f.of, name, what)
	}
}

func member[M types.AttributeValue](f fields, name string) (m M, ok bool) {
	stored, present := f.item[name]
	if !present {
		if !f.lax {
			f.fail(name, "is missing")
		}
		return m, false
	}
	if m, ok = stored.(M); !ok {
		f.fail(name, "is of another type")
	}
	return m, ok
}

func (f fields) text(name string) string {
	if m, ok := member[*types.AttributeValueMemberS](f, name); ok {
		return m.Value
	}
	return ""
}

func (f fields) number(name string) int64 {
	m, ok := member[*types.AttributeValueMemberN](f, name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(m.Value, 10, 64)
	if err != nil {
		f.fail(name, "is not a whole number")
	}
	return n
}

func (f fields) flag(name string) bool {
	m, ok := member[*types.AttributeValueMemberBOOL](f, name)
	return ok && m.Value
}

func (f fields) bytes(name string) []byte {
	if m, ok := member[*types.AttributeValueMemberB](f, name); ok {
		return m.Value
	}
	return nil
}

func (f fields) moment(name string) time.Time {
	m, ok := member[*types.AttributeValueMemberS](f, name)
	if !ok {
		return time.Time{}
	}
	return f.parsed(name, m.Value)
}

func (f fields) parsed(name, value string) time.Time {
	t, err := time.Parse(momentLayout, value)
	if err != nil {
		f.fail(name, "is not a time")
	}
	return t
}

func (f fields) moments(name string) []time.Time {
	var out []time.Time
	for _, value := range f.texts(name) {
		out = append(out, f.parsed(name, value))
	}
	return out
}

func (f fields) texts(name string) []string {
	return elements(f, name, func(m *types.AttributeValueMemberS) string { return m.Value })
}

func (f fields) blobs(name string) [][]byte {
	return elements(f, name, func(m *types.AttributeValueMemberB) []byte { return m.Value })
}

func elements[M types.AttributeValue, T any](f fields, name string, value func(M) T) []T {
	list, ok := member[*types.AttributeValueMemberL](f, name)
	if !ok {
		return nil
	}
	var out []T
	for _, stored := range list.Value {
		m, ok := stored.(M)
		if !ok {
			f.fail(name, "holds an element of another type")
			return nil
		}
		out = append(out, value(m))
	}
	return out
}

func (f fields) dictionary(name string) map[string]string {
	m, ok := member[*types.AttributeValueMemberM](f, name)
	if !ok {
		return nil
	}
	out := make(map[string]string, len(m.Value))
	for k, stored := range m.Value {
		entry, ok := stored.(*types.AttributeValueMemberS)
		if !ok {
			f.fail(name, "holds an entry of another type")
			return nil
		}
		out[k] = entry.Value
	}
	return out
}

// choice reads a word that must be one of those that this version knows: judging by one that it does not
// know could let somebody in.
func choice[T ~string](f fields, name string, known ...T) T {
	word := T(f.text(name))
	if *f.err == nil && !slices.Contains(known, word) {
		f.fail(name, "holds a word that is not known")
	}
	return word
}

func worded[T ~string](list []string) []T {
	var out []T
	for _, word := range list {
		out = append(out, T(word))
	}
	return out
}
