package dynamo

import (
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is one item of the table. Its methods write one attribute each, and leave out what is empty.
type item map[string]types.AttributeValue

// momentLayout is how times stand in the table: UTC, microseconds, fixed width, so
// that they sort as text. What is finer is cut off.
const momentLayout = "2006-01-02T15:04:05.000000Z"

func momentText(t time.Time) string { return t.UTC().Format(momentLayout) }

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

func moment(t time.Time) types.AttributeValue { return text(momentText(t)) }

func (i item) text(name, value string) {
	if value != "" {
		i[name] = text(value)
	}
}

func (i item) number(name string, value int64) { i[name] = number(value) }

func (i item) flag(name string, value bool) { i[name] = &types.AttributeValueMemberBOOL{Value: value} }

func (i item) bytes(name string, value []byte) {
	if len(value) > 0 {
		i[name] = &types.AttributeValueMemberB{Value: value}
	}
}

func (i item) moment(name string, value time.Time) {
	if !value.IsZero() {
		i[name] = moment(value)
	}
}

func (i item) moments(name string, values []time.Time) {
	list := make([]string, len(values))
	for at, value := range values {
		list[at] = momentText(value)
	}
	i.texts(name, list)
}

// texts keeps order and repetitions, which a set would not.
func (i item) texts(name string, values []string) {
	var list []types.AttributeValue
	for _, value := range values {
		list = append(list, text(value))
	}
	i.list(name, list)
}

func (i item) blobs(name string, values [][]byte) {
	var list []types.AttributeValue
	for _, value := range values {
		list = append(list, &types.AttributeValueMemberB{Value: value})
	}
	i.list(name, list)
}

func (i item) list(name string, values []types.AttributeValue) {
	if len(values) > 0 {
		i[name] = &types.AttributeValueMemberL{Value: values}
	}
}

func (i item) dictionary(name string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	entries := make(map[string]types.AttributeValue, len(values))
	for k, v := range values {
		entries[k] = text(v)
	}
	i[name] = &types.AttributeValueMemberM{Value: entries}
}

// key reads where an item stands.
func (i item) key() key {
	pk, _ := i["pk"].(*types.AttributeValueMemberS)
	sk, _ := i["sk"].(*types.AttributeValueMemberS)
	if pk == nil || sk == nil {
		return key{}
	}
	return key{pk.Value, sk.Value}
}

// within reports whether other holds every attribute of i with the same value.
func (i item) within(other item) bool {
	for name, value := range i {
		if !reflect.DeepEqual(value, other[name]) {
			return false
		}
	}
	return true
}

// replaced recognises in other what replacing it by i leaves: i, and of the known attributes none besides.
func (i item) replaced(known []string) func(other item) bool {
	return func(other item) bool {
		for _, name := range known {
			if !reflect.DeepEqual(i[name], other[name]) {
				return false
			}
		}
		return i.within(other)
	}
}

// same recognises an item that is all of i and nothing else.
func (i item) same(other item) bool { return len(i) == len(other) && i.within(other) }

func words[T ~string](values []T) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}
