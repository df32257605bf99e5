package dynamo

import (
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/user"
)

var (
	errStreamed = errors.New("dynamo: a stream record holds an attribute of a type that is not known")
	errDeliver  = errors.New("dynamo: a stream record asks for a delivery that is not known")
)

// OrderOf reads the mail intent of a stream record; false if it has none. A
// record that asks for a delivery and cannot be read is an error.
func OrderOf(record events.DynamoDBEventRecord) (mail.Order, bool, error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil {
		return mail.Order{}, false, err
	}
	return orderOf(image)
}

// orderOf reads the mail intent of an item.
func orderOf(image item) (mail.Order, bool, error) {
	if _, asked := image["deliver"]; !asked {
		return mail.Order{}, false, nil
	}
	must, _, failed := read("streamed", image)
	reference := must.text("deliver")
	if *failed != nil {
		return mail.Order{}, false, *failed
	}
	k := image.key()
	if organization, id, ok := k.userOf(); ok && k.sk == factorsSort {
		reference, from := intentOf(reference)
		order := mail.OfFactors(organization, id, reference, lastFailure(must))
		order.From = from
		return order, *failed == nil, *failed
	}
	if organization, administrator, ok := k.docketOf(); ok {
		order := mail.Order{Kind: mail.StepUpOrder, Organization: organization, Administrator: administrator, Reference: reference}
		return order, true, nil
	}
	if k.sk == arrivalSort {
		a, err := decodeArrival(image)
		order := mail.Order{
			Kind: mail.ArrivalOrder, Organization: a.Organization, Administrator: a.Administrator, Reference: a.ID + "." + reference,
		}
		return order, err == nil, err
	}
	if organization, administrator, ok := k.administratorOf(); ok {
		order := mail.Order{Kind: mail.InvitationOrder, Organization: organization, Administrator: administrator, Reference: reference}
		return order, true, nil
	}
	if n, ok, err := noticeOf(image); ok {
		order := mail.Order{Kind: mail.NoticeOrder, Organization: n.Organization, User: n.User, Reference: n.Event.ID, Event: n.Event, To: n.To, Named: true}
		return order, err == nil, err
	}
	if _, ok := k.auditOf(); ok && reference == noticeDelivery {
		e, err := decodeEvent(image)
		if err != nil {
			return mail.Order{}, false, err
		}
		order := mail.Order{Kind: mail.NoticeOrder, Organization: e.Organization, User: e.User, Reference: e.ID, Event: e}
		return order, true, nil
	}
	return mail.Order{}, false, errDeliver
}

// lastFailure of a user's factors is zero where there is none.
func lastFailure(f fields) (at time.Time) {
	if _, any := f.item[factorsFailures]; any {
		for _, failure := range unpackTimes(f, factorsFailures) {
			at = failure
		}
	}
	return at
}

// EventOf reads the event of an audit that a stream record wrote; false if it is of another item, or a removal.
func EventOf(record events.DynamoDBEventRecord) (audit.Event, bool, error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil {
		return audit.Event{}, false, err
	}
	if _, is := image.key().auditOf(); !is {
		return audit.Event{}, false, nil
	}
	e, err := decodeEvent(image)
	return e, err == nil, err
}

// ProfileOf reads the profile, or the tombstone in its place, that a stream record wrote; false if it is of another item, or a removal.
func ProfileOf(record events.DynamoDBEventRecord) (user.Profile, bool, error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil {
		return user.Profile{}, false, err
	}
	if image.key().sk != profileSort {
		return user.Profile{}, false, nil
	}
	p, err := decodeProfile(image)
	return p, err == nil, err
}

// streamed turns a stream's image into an item as the table gives it.
func streamed(image map[string]events.DynamoDBAttributeValue) (item, error) {
	i := make(item, len(image))
	for name, value := range image {
		stored, err := streamedValue(value)
		if err != nil {
			return nil, err
		}
		i[name] = stored
	}
	return i, nil
}

func streamedValue(v events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	switch v.DataType() {
	case events.DataTypeString:
		return text(v.String()), nil
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}, nil
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}, nil
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}, nil
	case events.DataTypeNull:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case events.DataTypeList:
		return streamedList(v.List())
	case events.DataTypeMap:
		m, err := streamed(v.Map())
		return &types.AttributeValueMemberM{Value: m}, err
	}
	return nil, errStreamed
}

func streamedList(values []events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	var list []types.AttributeValue
	for _, value := range values {
		element, err := streamedValue(value)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	return &types.AttributeValueMemberL{Value: list}, nil
}
