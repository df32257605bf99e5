package attack_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// moment is the whole table at one time, to compare with and to go back to. Making a tenant anew for every fault would
// cost ten times as much.
type moment struct {
	rows map[string]map[string]types.AttributeValue
	dump dump
}

func (p *product) moment() moment {
	p.t.Helper()
	m := moment{rows: map[string]map[string]types.AttributeValue{}, dump: dump{}}
	for _, row := range p.scan(nil) {
		key := keyOf(row)
		m.rows[key], m.dump[key] = row, p.written(row)
	}
	return m
}

// since are the items that are others than they were: how they read, without what is random in them. Numbers are revisions and
// counts, so whatever is done twice has another number, or is there twice.
func (m moment) since(before moment) []string {
	var changes []string
	for _, key := range m.dump.differs(before.dump) {
		changes = append(changes, shapeOf(key, m.rows[key]))
	}
	slices.Sort(changes)
	return changes
}

// randomID is an id that is made anew each time.
var randomID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func shapeOf(key string, row map[string]types.AttributeValue) string {
	kind, _, _ := strings.Cut(key, "#")
	parts := []string{kind, randomID.ReplaceAllString(textOf(row["sk"]), "id")}
	if isEvent(row) {
		parts[1] = textOf(row["kind"])
	}
	if row == nil {
		parts = append(parts, "gone")
	}
	for _, name := range slices.Sorted(maps.Keys(row)) {
		part := name
		switch value := row[name].(type) {
		case *types.AttributeValueMemberN:
			part += "=" + value.Value
		case *types.AttributeValueMemberL:
			part += fmt.Sprintf("[%d]", len(value.Value))
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// rewind makes the table what it was.
func (p *product) rewind(to moment) {
	p.t.Helper()
	p.rewindFrom(p.moment(), to)
}

func (p *product) rewindFrom(now, to moment) {
	p.t.Helper()
	p.outbox.forget()
	for _, key := range now.dump.differs(to.dump) {
		row, was := to.rows[key]
		if was {
			_, err := p.bare.PutItem(p.t.Context(), &sdk.PutItemInput{TableName: aws.String(p.table), Item: row})
			p.must(err)
			continue
		}
		gone := now.rows[key]
		_, err := p.bare.DeleteItem(p.t.Context(), &sdk.DeleteItemInput{
			TableName: aws.String(p.table), Key: map[string]types.AttributeValue{"pk": gone["pk"], "sk": gone["sk"]},
		})
		p.must(err)
	}
}
