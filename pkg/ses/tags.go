package ses

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"twofold/pkg/mail"
)

// The names of the tags of a mail. SES gives them back with each of its events, and shows them to no recipient. A value may hold only
// ASCII letters, digits, "_" and "-", 256 of them at most, which is the alphabet of base64url: an organisation's id of 48 bytes and
// a user's of 128 are 236.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html
const (
	kindTag     = "kind"
	userTag     = "user"     // the organisation and the user
	deliveryTag = "delivery" // a delivery.ID
)

// maxTag is the longest value of a tag.
const maxTag = 256

func tags(m mail.Message) []types.MessageTag {
	var all []types.MessageTag
	add := func(name, value string) {
		if value != "" {
			all = append(all, types.MessageTag{Name: aws.String(name), Value: aws.String(value)})
		}
	}
	add(kindTag, m.Tag)
	if m.Of != (mail.Of{}) {
		add(userTag, userValue(m.Of))
	}
	add(deliveryTag, m.Of.Delivery)
	return all
}

// separator stands in no organisation's id, so whatever a user's id holds is the user's.
const separator = "\x00"

func userValue(of mail.Of) string {
	return base64.RawURLEncoding.EncodeToString([]byte(of.Organization + separator + of.User))
}

var errTags = errors.New("ses: the tags of a mail are not ours")

// ofTags reads whose a mail is. Tags that are absent are of a mail that somebody else sent with the same configuration set.
func ofTags(tags map[string][]string) (mail.Of, error) {
	value := func(name string) string {
		if len(tags[name]) != 1 || len(tags[name][0]) > maxTag {
			return ""
		}
		return tags[name][0]
	}
	plain, err := base64.RawURLEncoding.Strict().DecodeString(value(userTag))
	organization, user, found := strings.Cut(string(plain), separator)
	if err != nil || !found {
		return mail.Of{}, errTags
	}
	return mail.Of{Organization: organization, User: user, Delivery: value(deliveryTag)}, nil
}
