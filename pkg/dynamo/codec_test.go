package dynamo

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/signin"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

func fullSubscription() webhook.Subscription {
	return webhook.Subscription{
		Organization: "acme", To: webhook.ToWebhook, Rev: 1, Position: 1, Ahead: []uint64{3}, DeliveredAt: at, Carrier: "m", BusyUntil: at, Tries: 1,
		FailingSince: at, RetryAt: at, Trouble: "t", Host: "h", URL: []byte("u"), Secrets: []webhook.Secret{{Sealed: []byte("s"), MadeAt: at, Until: at}},
		SetAt: at, DisabledAt: at, Attempt: []byte("a"),
	}
}

// kinds are an item of every kind with its decoder.
func kinds(t *testing.T) map[string]struct {
	item   item
	decode func(item) error
} {
	t.Helper()
	factors, err := encodeFactors(verified())
	if err != nil {
		t.Fatal(err)
	}
	o := org.Organization{ID: "acme", Name: "Acme", Rev: 1, CreatedAt: at, Policy: org.DefaultOrganizationPolicy(at)}
	p := user.Profile{Organization: "acme", User: "u", Rev: 1, Email: "u@acme.example", RegisteredAt: at, EnrolledAt: at}
	told := encodeProfile(p)
	maps.Copy(told, item{verifiedOn: text("2026-11-22"), codesGeneration: number(2), codesLeft: number(9)})
	device := encodeDevice(fullDevice())
	delete(device, "ttl") // for DynamoDB: nothing is judged by it
	arrival := encodeArrival(admission.Arrival{ID: "0a", Rev: 1, EndsAt: at})
	delete(arrival, "ttl")
	signedIn := encodeSignIn(signin.Entry{
		Organization: "acme", User: "u", At: at, ID: "i", Outcome: signin.Locked, Reason: signin.NotRight, Way: "totp", For: user.SignIn, Address: "a", LockedUntil: at,
	}, at)
	delete(signedIn, "ttl")
	return map[string]struct {
		item   item
		decode func(item) error
	}{
		"factors":      {factors, undecodable(decodeFactors)},
		"profile":      {told, undecodable(decodeProfile)},
		"row":          {told, undecodable(decodeFacts)},
		"organisation": {encodeOrganization(o), undecodable(decodeOrganization)},
		"administrator": {encodeAdministrator(org.Administrator{ID: "ann", Organization: "acme", Email: "a@b.example", CreatedAt: at, Rev: 1}),
			undecodable(decodeAdministrator)},
		"application": {encodeApplication(org.Application{ID: "crm", Organization: "acme", CreatedAt: at}), undecodable(decodeApplication)},
		"key":         {encodeAccessKey(access.Key{ID: "k", Digest: []byte("d"), Role: access.Reader}), undecodable(decodeAccessKey)},
		"docket": {encodeDocket(stepup.Docket{Organization: "acme", Administrator: "ann", Rev: 1, Changes: []stepup.Change{fullWaiting()}}),
			undecodable(decodeDocket)},
		"waiting": {encodeWaiting(), func(i item) error {
			var err error
			decodeChange(i, &err)
			return err
		}},
		"arrival": {arrival, undecodable(decodeArrival)},
		"arrival's code": {encodeArrivalCode(admission.Code{ID: "c", KeyID: 1, Address: []byte("d"), ExpiresAt: at}), func(i item) error {
			var err error
			decodeArrivalCode(i, &err)
			return err
		}},
		"device":  {device, undecodable(decodeDevice)},
		"sign-in": {signedIn, undecodable(decodeSignIn)},
		"event":   {encodeEvent(audit.Event{ID: "e", At: at, Kind: audit.UserReset, Organization: "acme"}), undecodable(decodeEvent)},
		"head":    {encodeHead(ledger.Head{Organization: "acme", Rev: 1, Size: 1, Signed: 1, Peaks: [][]byte{{1}}, Attempt: []byte("a")}), undecodable(decodeHead)},
		"leaf": {encodeLeaf("acme", ledger.Leaf{Index: 1, Event: ledger.Place{At: "t", ID: "e"}, Hash: []byte("h"), Nodes: [][]byte{{1}}}),
			undecodable(decodeLeaf)},
		"subscription": {encodeSubscription(fullSubscription()), undecodable(decodeSubscription)},
		"checkpoint":   {encodeCheckpoint(ledger.Checkpoint{Organization: "acme", Size: 1, Note: "n", Keys: []string{"k"}, At: at}), undecodable(decodeCheckpoint)},
	}
}

func fullDevice() user.Device {
	return user.Device{
		Organization: "acme", User: "u", ID: "d", Rev: 1, Application: "acme/crm", Epoch: 1, PolicyVersion: 1, Way: org.TOTP, Name: "n", Agent: "b", Address: "a",
		CreatedAt: at, ExpiresAt: at, LastUsedAt: at, KeyID: 1, Current: []byte("c"), Previous: []byte("p"), RotatedAt: at,
	}
}

func fullWaiting() stepup.Change {
	return stepup.Change{
		ID: "p", Thing: stepup.Policy, Organization: "acme", Payload: []byte("{}"), Base: 1, Told: map[string]string{"a": "b"}, Address: []byte("a"),
		ExpiresAt: at, Seen: "s",
	}
}

func encodeWaiting() item { return encodeChange(fullWaiting()) }

func undecodable[T any](decode func(item) (T, error)) func(item) error {
	return func(i item) error {
		_, err := decode(i)
		return err
	}
}

// TestAttributeOfAnotherTypeIsAnError: no attribute that a decoder looks at may be skipped over because it is not
// what was expected, least of all one that locks, suspends or forces.
func TestAttributeOfAnotherTypeIsAnError(t *testing.T) {
	unread := map[string]bool{ // written for indexes, or part of the key
		"row pk": true, "row sk": true, "row rev": true,
		"event deliver": true, "sign-in a_user": true, "key pk": true, "key sk": true,
	}
	for kind, k := range kinds(t) {
		if err := k.decode(k.item); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for name := range k.item {
			if unread[kind+" "+name] || strings.HasPrefix(name, "r_") || strings.HasPrefix(name, "s_") {
				continue
			}
			broken := maps.Clone(k.item)
			broken[name] = &types.AttributeValueMemberNULL{Value: true}
			if err := k.decode(broken); err == nil {
				t.Errorf("%s: %s of another type was read", kind, name)
			}
		}
	}
}

func TestAttributeThatEveryItemHasIsDemanded(t *testing.T) {
	for kind, names := range map[string][]string{
		"factors":      {"pk", "sk", "rev", "epoch", factorsConsecutive},
		"profile":      {"pk", "rev", "registered_at"},
		"organisation": {"pk", "rev", "two_factor", "status", "methods", "grace_days", "recovery_mailed_code", "recovery_saved_codes", "outage"},
		"key":          {"id", "digest", "role", "everywhere"},
		"docket":       {"pk", "rev", "consecutive_failures"},
		"waiting":      {"id", "thing", "payload", "base", "key_id", "address", "expires_at", "tries", "applied"},
		"sign-in":      {"pk", "sk", "user", "outcome", "way"},
		"event":        {"pk", "id", "at", "kind"},
	} {
		for _, name := range names {
			k := kinds(t)[kind]
			delete(k.item, name)
			if err := k.decode(k.item); err == nil {
				t.Errorf("%s without %s was read", kind, name)
			}
		}
	}
}

func TestWordThatIsNotKnownIsAnError(t *testing.T) {
	for kind, names := range map[string][]string{
		"organisation": {"status", "enrollment_proof", "outage"}, "key": {"role"}, "profile": {"enforcement"},
	} {
		for _, name := range names {
			k := kinds(t)[kind]
			k.item[name] = text("invented")
			err := k.decode(k.item)
			if err == nil {
				t.Errorf("%s: an invented %s was read", kind, name)
			} else if strings.Contains(err.Error(), "invented") {
				t.Errorf("%s: the error tells the value: %v", kind, err)
			}
		}
	}
}

// TestBrokenPackingIsAnError cuts and changes what is packed, byte by byte.
func TestBrokenPackingIsAnError(t *testing.T) {
	for name, f := range map[string]user.Factors{"verified": verified(), "enrolling": enrolling()} {
		whole, err := encodeFactors(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, attribute := range []string{factorsRecovery, factorsEnrollment, factorsFailures, factorsLocked, factorsSends} {
			packed, ok := whole[attribute].(*types.AttributeValueMemberB)
			if !ok {
				continue
			}
			for n := range packed.Value {
				if attribute != factorsRecovery && attribute != factorsEnrollment && (n-1)%4 == 0 && n > 0 {
					continue // a shorter list of times is a list of times
				}
				demandBroken(t, name, whole, attribute, packed.Value[:n])
			}
			demandBroken(t, name, whole, attribute, append(append([]byte{}, packed.Value...), 0))
			demandBroken(t, name, whole, attribute, append([]byte{packVersion + 1}, packed.Value[1:]...))
		}
	}
}

func demandBroken(t *testing.T, name string, whole item, attribute string, packed []byte) {
	t.Helper()
	i := maps.Clone(whole)
	i[attribute] = &types.AttributeValueMemberB{Value: packed}
	if _, err := decodeFactors(i); err == nil {
		t.Errorf("%s: %s of %d bytes was read", name, attribute, len(packed))
	}
}

func TestTimesBeyondTheTableAreRefused(t *testing.T) {
	for _, far := range []time.Time{time.Unix(-1, 0), time.Unix(1<<32, 0)} {
		f := user.Factors{Organization: "o", User: "u", Rev: 1, Challenges: []user.Challenge{{ExpiresAt: far}}}
		if _, err := encodeFactors(f); err == nil {
			t.Errorf("%v was written", far)
		}
	}
}

// TestEveryWrittenAttributeIsKnown: an attribute that is missing from the list of known ones would never be removed,
// and what a reset took away would come back.
func TestEveryWrittenAttributeIsKnown(t *testing.T) {
	known := map[string][]string{
		"factors": factorsAttributes, "profile": profileAttributes, "organisation": organizationAttributes, "docket": docketAttributes,
		"device": deviceAttributes, "subscription": subscriptionAttributes,
	}
	full := stepup.Docket{Deliver: "p", Attempt: []byte("a"), Sends: []time.Time{at}, Freed: []time.Time{at}, Allowance: stepup.Allowance{Left: 1, Until: at, Organization: "o", Session: "s"}, Changes: []stepup.Change{fullWaiting()}}
	full.Throttle.Failures, full.Throttle.LockedUntil = []time.Time{at}, at
	settings := org.Policy{
		ChangedAt: at, ChangedBy: "a", Status: org.Forced, Methods: []org.Method{org.TOTP}, EnforceFrom: at,
		AppPasswordServices: []string{"imap"}, EnrollmentProof: org.ProofTicket, Outage: org.OutageOpen, SMSCountries: "DE", Retention: org.Retention{AuditDays: 400, SignInDays: 30},
	}
	profile := user.Profile{
		User: "u", Organization: "o", Email: "e", Language: "de", RegisteredAt: at, Enforcement: user.Enforcement{Kind: user.Exempt, Until: at},
		RecoveryEmail: []byte("r"), RecoveryDigest: []byte("d"), Methods: []org.Method{org.TOTP}, EnrolledAt: at, SuspendedAt: at,
		Grace: user.Grace{Until: at, Reason: "r", SetBy: "a", SetAt: at}, CodesSpent: true, Services: []string{"imap"},
		NextRecovery: user.NextContact{Contact: user.Contact{Sealed: []byte("next"), Digest: []byte("of next")}, From: at}, Names: map[string]string{"00112233": "Phone"},
		OptedOutAt: at,
		Marks:      []user.Mark{{Why: user.Bounced, Since: at, Email: "e"}, {Why: user.Complained, Since: at, Digest: []byte("d")}},
	}
	profile.Enforcement.Reason, profile.Enforcement.SetBy, profile.Enforcement.SetAt = "r", "a", at
	whole := verified()
	whole.Enrollment = enrolling().Enrollment
	factors, err := encodeFactors(whole)
	if err != nil {
		t.Fatal(err)
	}
	both := encodeProfile(profile) // and what a tombstone has in its place
	maps.Copy(both, encodeProfile(profile.Bury(at)))
	for kind, i := range map[string]item{
		"factors": factors, "profile": both, "docket": encodeDocket(full), "device": encodeDevice(fullDevice()),
		"subscription": encodeSubscription(fullSubscription()),
		"organisation": encodeOrganization(org.Organization{ID: "o", Name: "n", Entitlements: org.Entitlements{SMSCountries: "DE", SMSOrigination: "ACME"}, CreatedAt: at, Announcement: "a", Policy: settings, Memory: org.Memory{Version: 1, Since: at}, Kept: org.Kept{Audit: at, SignIns: at}}),
	} {
		written := map[string]bool{}
		for name := range i {
			written[name] = name != "pk" && name != "sk"
		}
		for _, name := range known[kind] {
			if !written[name] {
				t.Errorf("%s: %s is known and not written: is the test's item full?", kind, name)
			}
			delete(written, name)
		}
		for name, left := range written {
			if left {
				t.Errorf("%s: %s is written and not known", kind, name)
			}
		}
	}
}

func TestClassNamesAreReversible(t *testing.T) {
	for _, class := range []user.Class{
		{}, {Methods: "totp"}, {Methods: "email+totp", Enforcement: user.Required, Suspended: true}, {Enforcement: user.Exempt},
		{Enforcement: user.Exempt, ExemptUntil: "2026-12-01"}, {Methods: "totp", CodesSpent: true},
		{Methods: "totp", GraceUntil: "2027-01-31", Services: "imap+smtp"},
	} {
		name, err := className(class)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := classOf(name); !ok || !reflect.DeepEqual(got, class) {
			t.Errorf("%q: got %+v, want %+v", name, got, class)
		}
	}
	for _, class := range []user.Class{{Methods: "a:b"}, {Services: "a:b"}, {ExemptUntil: "2026:12"}} {
		if _, err := className(class); err == nil {
			t.Errorf("a class that cannot be read back was written: %+v", class)
		}
	}
	if name, err := className(user.Class{Methods: "totp"}); err != nil || name != "n:totp::false" {
		t.Errorf("a class without dates is called %q: not as earlier versions counted it", name)
	}
	for _, name := range []string{"n:", "n:a", "n:a:b:c:d", "n:a:b:maybe", "n:a:b:true:soon::false:", "n:a:b:true::later:false:", "n:a:b:true:::maybe:", "n:a:b:true:::false::"} {
		if class, ok := classOf(name); ok {
			t.Errorf("%q was read as %+v", name, class)
		}
	}
}
