package dynamo

import (
	"encoding/base64"
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/user"
)

// largestFactors is what one write unit pays for (DynamoDB developer guide, "Read and write capacity"). No item of factors is larger.
const largestFactors = 1024

// withOrigin adds to the intent of a code from where it was asked: behind a space, in base64url, a byte of browser and system and the
// bytes of the address. It is left out where the item would grow beyond one write unit: a letter that does not say it is better than a
// verification that costs twice.
func withOrigin(i item, f user.Factors) {
	_, alarmed := user.Alarmed(f.Deliver)
	if f.Deliver == "" || f.Deliver == user.DeliverCodes || alarmed || f.From == (user.Origin{}) {
		return
	}
	address, _ := netip.ParseAddr(f.From.Address) // none: no bytes
	packed := append([]byte{byte(f.From.Browser)<<4 | byte(f.From.System)&0x0f}, address.AsSlice()...)
	added := " " + base64.RawURLEncoding.EncodeToString(packed)
	if itemSize(i)+len(added) <= largestFactors {
		i.text("deliver", f.Deliver+added)
	}
}

// intentOf parts an intent into what is to be delivered and from where it was asked. An origin that cannot be read is none: nothing
// rests on it, and a code must not wait for it.
func intentOf(deliver string) (reference string, from user.Origin) {
	if _, alarmed := user.Alarmed(deliver); alarmed {
		return deliver, user.Origin{}
	}
	reference, packed, _ := strings.Cut(deliver, " ")
	b, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil || len(b) == 0 {
		return reference, user.Origin{}
	}
	from.Browser, from.System = user.Browser(b[0]>>4), user.System(b[0]&0x0f)
	if address, ok := netip.AddrFromSlice(b[1:]); ok {
		from.Address = address.String()
	}
	return reference, from
}

// itemSize is the size of an item of factors by the published rules (DynamoDB developer guide, "Item sizes and formats").
func itemSize(i item) (n int) {
	for name, value := range i {
		n += len(name) + attributeSize(value)
	}
	return n
}

func attributeSize(value types.AttributeValue) int {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return (len(v.Value)+1)/2 + 2 // a byte for two digits, one more, and one for a sign
	case *types.AttributeValueMemberL:
		n := 3
		for _, element := range v.Value {
			n += 1 + attributeSize(element)
		}
		return n
	}
	return largestFactors // no item of factors holds such a thing: as if there were no room
}
