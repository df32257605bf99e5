package dynamo

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// replace writes an item over the one whose revision is the one before, or where there is none for revision 1.
// Every attribute is set and every known one that is absent is removed, so attributes that another version of this
// code wrote survive a rolling deployment.
func (s *Store) replace(i item, rev int64, known []string) *types.Update {
	var set, remove []string
	names, values := map[string]string{}, map[string]types.AttributeValue{}
	for _, name := range slices.Sorted(maps.Keys(i)) {
		if name == "pk" || name == "sk" {
			continue
		}
		set = append(set, "#"+name+" = :"+name)
		names["#"+name], values[":"+name] = name, i[name]
	}
	for _, name := range known {
		if _, present := i[name]; !present {
			remove = append(remove, "#"+name)
			names["#"+name] = name
		}
	}
	expression := "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	condition := "attribute_not_exists(pk)"
	if rev != 1 {
		condition = "#rev = :before"
		values[":before"] = number(rev - 1)
	}
	return &types.Update{
		TableName: aws.String(s.table), Key: i.key().item(),
		UpdateExpression: aws.String(expression), ConditionExpression: aws.String(condition),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// updated is the part of a change that replaces an item without an attempt: its content alone can tell whether it is there.
func (s *Store) updated(i item, rev int64, known []string) part {
	return part{write: types.TransactWriteItem{Update: s.replace(i, rev, known)}, ours: i.replaced(known)}
}

// attempted is the part of a change that replaces an item with an attempt.
func (s *Store) attempted(i item, rev int64, known []string, attempt []byte) part {
	return part{types.TransactWriteItem{Update: s.replace(i, rev, known)}, holds(attempt), true}
}

// deleted is the part of a change that removes the item of a revision. An item that is not there may be our own doing, and says nothing of it.
func (s *Store) deleted(k key, rev int64) part {
	return part{write: types.TransactWriteItem{Delete: &types.Delete{
		TableName: aws.String(s.table), Key: k.item(), ConditionExpression: aws.String("#rev = :rev"),
		ExpressionAttributeNames:            map[string]string{"#rev": "rev"},
		ExpressionAttributeValues:           item{":rev": number(rev)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, ours: func(stored item) bool { return len(stored) == 0 }}
}

// created is the part of a change that writes an item where there is none. proof says that no other change has its id.
func (s *Store) created(i item, proof bool) part {
	return part{types.TransactWriteItem{Put: &types.Put{
		TableName: aws.String(s.table), Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, i.same, proof}
}
