package dynamo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/signin"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

// key is where an item stands. Organisation ids cannot hold a '#', ids that may hold
// anything stand last: so no two things have the same key.
type key struct{ pk, sk string }

// The prefixes of keys. Each has one function below, and no other code spells a key out.
const (
	keyPrefix           = "KEY#"
	organizationPrefix  = "ORG#"
	policyPrefix        = "POLICY#"
	administratorPrefix = "ADMIN#"
	applicationPrefix   = "APP#"
	readerPrefix        = "READER#"
	docketPrefix        = "CHANGE#"
	arrivalPrefix       = "ARRIVAL#"
	userPrefix          = "USER#"
	devicePrefix        = "DEVICE#"
	noticePrefix        = "NOTICE#"
	appLimitPrefix      = "APPLIMIT#"
	auditPrefix         = "AUDIT#"
	deliveryPrefix      = "DELIVERY#"
	spentPrefix         = "SPENT#"
	countsPrefix        = "COUNTS#"
	daysPrefix          = "DAYS#"
	keysetPrefix        = "KEYSET#"
	domainPrefix        = "DOMAIN#"
	announcementPrefix  = "ANNOUNCEMENT#"
	signInPrefix        = "SIGNIN#"
	patternPrefix       = "PATTERN#"
	announcing          = "ANNOUNCING" // of all organisations together
	logPrefix           = "LOG#"
	leafPrefix          = "LEAF#"
	entryPrefix         = "EVENT#"
	checkpointPrefix    = "CHECKPOINT#"
	subscriptionPrefix  = "SUBSCRIPTION#"
	unsigned            = "CHECKPOINTING" // of all organisations together
	shedding            = "SHEDDING"      // likewise
)

// The sort keys of items that are alone under theirs.
const (
	keySort          = "KEY"
	organizationSort = "ORG"
	rosterSort       = "ROSTER"
	arrivalSort      = "ARRIVAL"
	profileSort      = "PROFILE"
	factorsSort      = "FACTORS"
	appPasswordsSort = "APPPASSWORDS"
	countedSort      = "COUNTED"
	deliverySort     = "DELIVERY"
	spentSort        = "SPENT"
	keysetSort       = "KEYSET"
	senderSort       = "SENDER"
	brandingSort     = "BRANDING"
	domainSort       = "DOMAIN"
	patternSort      = "PATTERN"
	headSort         = "HEAD"
)

func accessKeyKey(id string) key { return key{keyPrefix + id, keySort} }

func organizationKey(organization string) key {
	return key{organizationPrefix + organization, organizationSort}
}

func rosterKey(organization string) key { return key{organizationPrefix + organization, rosterSort} }

// policyKey writes the version with ten digits, so that versions sort as numbers.
func policyKey(organization string, version int64) key {
	return key{organizationPrefix + organization, fmt.Sprintf("%s%010d", policyPrefix, version)}
}

func administratorKey(organization, id string) key {
	return key{organizationPrefix + organization, administratorPrefix + id}
}

func applicationKey(organization, id string) key {
	return key{organizationPrefix + organization, applicationPrefix + id}
}

func readerKey(organization, id string) key {
	return key{organizationPrefix + organization, readerPrefix + id}
}

func docketKey(organization, administrator string) key {
	return key{organizationPrefix + organization, docketPrefix + administrator}
}

// arrivalKey is a partition of its own: whoever knocks at will must not slow an organisation's down.
func arrivalKey(id string) key { return key{arrivalPrefix + id, arrivalSort} }

func userKey(organization, user, sort string) key {
	return key{userPrefix + organization + "#" + user, sort}
}

func profileKey(organization, user string) key { return userKey(organization, user, profileSort) }
func factorsKey(organization, user string) key { return userKey(organization, user, factorsSort) }
func countedKey(organization, user string) key { return userKey(organization, user, countedSort) }

func deviceKey(organization, user, device string) key {
	return userKey(organization, user, devicePrefix+device)
}

func noticeKey(organization, user, event string) key {
	return userKey(organization, user, noticePrefix+event)
}

func appPasswordsKey(organization, user string) key {
	return userKey(organization, user, appPasswordsSort)
}

// appLimitKey does not spell the source out: it is as long as a source may be.
func appLimitKey(organization, user, source string) key {
	sum := sha256.Sum256([]byte(source))
	return userKey(organization, user, appLimitPrefix+hex.EncodeToString(sum[:16]))
}

// eventKey sorts by time, then by id.
func eventKey(e audit.Event) key { return placeKey(e.Organization, ledger.PlaceOf(e)) }

func placeKey(organization string, p ledger.Place) key {
	return key{auditPrefix + organization, p.At + "#" + p.ID}
}

func deliveryKey(delivery string) key { return key{deliveryPrefix + delivery, deliverySort} }

func spentKey(name string) key { return key{spentPrefix + name, spentSort} }

// countsKey spreads the organisations, so that the counts of all can be read side by side.
func countsKey(organization string) key {
	return key{countsPrefix + shardOf(organization), organization}
}

func dayKey(organization string, day user.Day) key {
	return key{daysPrefix + organization, string(day)}
}

// systemDayKey is of a shard of the organisations. No organisation's id begins with a '#'.
func systemDayKey(shard string, day user.Day) key { return key{daysPrefix + "#" + shard, string(day)} }

func keysetKey(purpose string) key { return key{keysetPrefix + purpose, keysetSort} }

func senderKey(organization string) key { return key{organizationPrefix + organization, senderSort} }

func brandingKey(organization string) key {
	return key{organizationPrefix + organization, brandingSort}
}

func domainKey(domain string) key { return key{domainPrefix + domain, domainSort} }

func announcementKey(organization, id string) key {
	return key{organizationPrefix + organization, announcementPrefix + id}
}

// announcingKey sorts by the time at which an announcement is due.
func announcingKey(organization, id string, due time.Time) key {
	return key{announcing, momentText(due) + "#" + organization + "#" + id}
}

// signInKey sorts by time.
func signInKey(e signin.Entry) key { return key{signInPrefix + e.Organization, e.Place()} }

// patternKey has the organisation last: what is before it holds no '#'.
func patternKey(t signin.Tally) key {
	return key{patternPrefix + strings.Join([]string{t.Window.UTC().Format("2006-01-02T15"), string(t.Pattern), t.Subject, t.Organization}, "#"), patternSort}
}

func headKey(organization string) key { return key{logPrefix + organization, headSort} }

// leafKey writes the index with twelve digits, so that leaves sort as numbers.
func leafKey(organization string, index uint64) key {
	return key{logPrefix + organization, fmt.Sprintf("%s%012d", leafPrefix, index)}
}

// entryKey begins with the event's id, so that an event is found by that alone.
func entryKey(organization string, p ledger.Place) key {
	return key{logPrefix + organization, entryPrefix + p.ID + "#" + p.At}
}

func checkpointKey(organization string, size uint64) key {
	return key{logPrefix + organization, fmt.Sprintf("%s%012d", checkpointPrefix, size)}
}

// subscriptionKey stands beside the log that it is a place in.
func subscriptionKey(organization string, to webhook.Destination) key {
	return key{logPrefix + organization, subscriptionPrefix + string(to)}
}

// unsignedKey sorts by organisation. The vendor's own has no id.
func unsignedKey(organization string) key { return key{unsigned, logPrefix + organization} }

// sheddingKey sorts by organisation.
func sheddingKey(organization string) key { return key{shedding, organization} }

// userOf reads organisation and user from the key of one of a user's items.
func (k key) userOf() (organization, user string, ok bool) {
	rest, ok := strings.CutPrefix(k.pk, userPrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "#")
}

// docketOf reads organisation and administrator from the key of a docket.
func (k key) docketOf() (organization, administrator string, ok bool) {
	organization, found := strings.CutPrefix(k.pk, organizationPrefix)
	administrator, ok = strings.CutPrefix(k.sk, docketPrefix)
	return organization, administrator, found && ok
}

// administratorOf reads organisation and administrator from the key of an administrator.
func (k key) administratorOf() (organization, administrator string, ok bool) {
	organization, found := strings.CutPrefix(k.pk, organizationPrefix)
	administrator, ok = strings.CutPrefix(k.sk, administratorPrefix)
	return organization, administrator, found && ok
}

// auditOf reads the organisation from the key of an event; empty is the system's own log.
func (k key) auditOf() (organization string, ok bool) { return strings.CutPrefix(k.pk, auditPrefix) }

// compare orders keys.
func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.pk, other.pk), cmp.Compare(k.sk, other.sk))
}

// item is the key as attributes.
func (k key) item() item {
	return item{"pk": &types.AttributeValueMemberS{Value: k.pk}, "sk": &types.AttributeValueMemberS{Value: k.sk}}
}
