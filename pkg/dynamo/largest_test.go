package dynamo

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// writeUnit is what one write unit pays for (DynamoDB developer guide, "Read and write capacity").
const writeUnit = 1024

// readUnit is what one consistent read unit pays for.
const readUnit = 4096

var at = time.Date(2026, 11, 22, 12, 0, 0, 999_999_999, time.UTC)

// verified is the largest item that a verification can write: every list full, every id as long as it may be.
func verified() user.Factors {
	f := crowded()
	f.Authenticators = []user.Authenticator{{
		ID: user.NewID(), Method: org.TOTP, Secret: make([]byte, 20+33), LastStep: at.Unix() / 30, CreatedAt: at,
	}}
	f.RecoveryCodes = user.RecoveryCodes{Generation: 1_000_000, KeyID: 1<<32 - 1, Used: 1<<10 - 1}
	f.Entered = 999_999
	for range 2 {
		f.Successes = append(f.Successes, user.Success{
			Tag: make([]byte, 32), ID: uuid.NewString(), At: at, Way: string(login.MailedRecovery), PolicyVersion: 1_000_000,
			Taken: make([]byte, user.TakenBytes),
		})
	}
	return f
}

// enrolling is the largest item of a user who is enrolling: no authenticator yet, but an address of 254 bytes.
func enrolling() user.Factors {
	f := crowded()
	f.RecoveryCodes = user.RecoveryCodes{Generation: 1_000_000, KeyID: 1<<32 - 1, Used: 1<<10 - 1}
	f.Enrollment = &user.Enrollment{
		Login: uuid.NewString(), Proven: true, RecoveryEmail: make([]byte, 254+33), RecoveryDigest: make([]byte, 16),
		RecoveryVerified: true, AuthenticatorID: user.NewID(), Secret: make([]byte, 20+33), ExpiresAt: at,
	}
	return f
}

// reenrolling is the largest item of a user who enrols anew after a way back: the authenticator is there until its successor is.
func reenrolling() user.Factors {
	f := verified()
	f.Enrollment = &user.Enrollment{
		Login: uuid.NewString(), Proven: true, RecoveryVerified: true, AuthenticatorID: user.NewID(), Secret: make([]byte, 20+33),
		Replaces: true, By: string(login.MailedRecovery), ExpiresAt: at,
	}
	return f
}

// texted is the largest item of a user who enrols by SMS, with a code of every purpose that there is then: two of one are never
// under way. phoned is that of a user who has a number instead of an app.
func texted() user.Factors {
	f := enrolling()
	f.Challenges[0].Purpose, f.Challenges[2].Purpose = user.ProveLogin, user.By(user.Confirm, org.SMS)
	f.Enrollment.Method, f.Enrollment.Secret, f.Enrollment.Digest, f.Enrollment.Country = org.SMS, make([]byte, 16+33), make([]byte, 16), "DE"
	return f
}

func phoned() user.Factors {
	f := verified()
	f.Authenticators = []user.Authenticator{{
		ID: user.NewID(), Method: org.SMS, Secret: make([]byte, 16+33), Digest: make([]byte, 16), Country: "DE", LastStep: at.Unix() / 30, CreatedAt: at,
	}}
	return f
}

// alarmed is the largest item that a wrong answer leaves: the user is to hear of it, with an address of 39 bytes.
func alarmed() user.Factors {
	f := reenrolling()
	f.Alarm(strings.Repeat("f", 39))
	return f
}

func crowded() user.Factors {
	f := user.Factors{
		Organization: strings.Repeat("o", 48), User: strings.Repeat("ü", 64), Rev: 1_000_000_000, Epoch: 1_000_000_000,
		Attempt: user.NewAttempt(), Deliver: user.NewID(),
		Tried:    user.Try{Way: user.TicketWay, For: user.StepUp, Void: true, Address: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
		Throttle: throttle.State{Consecutive: throttle.SuspendAfter, LockedUntil: at},
	}
	for range throttle.Cap {
		f.Throttle.Failures = append(f.Throttle.Failures, at)
	}
	for range user.SendLimit {
		f.Sends = append(f.Sends, at)
	}
	for range user.MaxChallenges {
		f.Challenges = append(f.Challenges, user.Challenge{
			ID: user.NewID(), Login: uuid.NewString(), Purpose: user.VerifyRecovery, KeyID: 1<<32 - 1,
			Address: make([]byte, 16), ExpiresAt: at, Tries: user.TriesPerCode,
		})
	}
	return f
}

// size is an item's by the published rules (DynamoDB developer guide, "Item sizes and formats").
func size(i map[string]types.AttributeValue) (n int) {
	for name, value := range i {
		n += len(name) + valueSize(value)
	}
	return n
}

func valueSize(value types.AttributeValue) int {
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
			n += 1 + valueSize(element)
		}
		return n
	}
	panic(fmt.Sprintf("the factors item holds a %T", value))
}

// TestLargestDeviceCostsOneWriteUnit, so that the first login of a day does.
func TestLargestDeviceCostsOneWriteUnit(t *testing.T) {
	d := fullDevice()
	d.Organization, d.User, d.ID = strings.Repeat("o", 48), strings.Repeat("ü", 64), uuid.NewString()
	d.Application, d.Address = strings.Repeat("o", 48)+"/"+strings.Repeat("a", 48), strings.Repeat("f", 39)
	d.Name, d.Agent = strings.Repeat("n", 80), strings.Repeat("b", 128)
	d.Rev, d.Epoch, d.PolicyVersion, d.KeyID = 1_000_000_000, 1_000_000_000, 1_000_000, 1<<32-1
	d.Current, d.Previous = make([]byte, 32), make([]byte, 32)
	if n := size(encodeDevice(d)); n > writeUnit {
		t.Errorf("%d bytes, more than one write unit of %d", n, writeUnit)
	} else {
		t.Logf("%d bytes", n)
	}
}

// largestAppPassword is as large as one may be.
func largestAppPassword() user.AppPassword {
	return user.AppPassword{
		ID: user.NewID(), Service: strings.Repeat("s", 32), Name: strings.Repeat("ü", 60), Way: org.Email, Epoch: 1_000_000_000,
		Digest: make([]byte, 32), Sealed: make([]byte, 28+33), Tag: make([]byte, 36), CreatedAt: at, LastUsedAt: at,
	}
}

// TestSizesOfAppPasswords: two for a user of two services, named by nobody, are noted with one write unit; as many as there may be are
// read with two; what failed from one source is one write unit.
func TestSizesOfAppPasswords(t *testing.T) {
	usual := user.AppPasswords{Organization: strings.Repeat("o", 48), User: strings.Repeat("ü", 64), Rev: 1_000_000_000}
	full := usual
	for i := range user.MaxAppPasswords {
		a := largestAppPassword()
		if full.All = append(full.All, a); i < 2 {
			a.Name, a.Service = "", "imap"
			usual.All = append(usual.All, a)
		}
	}
	limit := user.AppLimit{Organization: usual.Organization, User: usual.User, Source: "key " + strings.Repeat("0", 20), Rev: 1_000_000_000}
	for range throttle.Cap {
		limit = limit.Miss(make([]byte, 8), at)
	}
	counted, err := encodeAppLimit(limit)
	if err != nil {
		t.Fatal(err)
	}
	small, err := encodeAppPasswords(usual)
	if err != nil {
		t.Fatal(err)
	}
	large, err := encodeAppPasswords(full)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("two: %d bytes; %d: %d bytes; a source: %d bytes", size(small), user.MaxAppPasswords, size(large), size(counted))
	if size(small) > writeUnit || size(large) > 2*readUnit || size(counted) > writeUnit {
		t.Error("one of them costs more than is said")
	}
}

// metered asks DynamoDB what each update cost.
type metered struct {
	*sdk.Client
	units []float64
}

func (m *metered) UpdateItem(ctx context.Context, in *sdk.UpdateItemInput, o ...func(*sdk.Options)) (*sdk.UpdateItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.UpdateItem(ctx, &asked, o...)
	if err == nil {
		m.units = append(m.units, aws.ToFloat64(out.ConsumedCapacity.CapacityUnits))
	}
	return out, err
}

func TestLargestFactorsCostOneWriteUnit(t *testing.T) {
	for name, f := range map[string]user.Factors{"verified": verified(), "enrolling": enrolling(), "enrolling anew": reenrolling(), "enrolling by SMS": texted(), "with a number": phoned(), "under attack": alarmed()} {
		i, err := encodeFactors(f)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, size(i))
		if n := size(i); n > writeUnit {
			t.Errorf("%s: %d bytes, more than one write unit of %d", name, n, writeUnit)
		}
		client, table := dynamodb.TableForTest(t)
		m := &metered{Client: client}
		s := New(m, table)
		f.Rev = 1
		for range 2 {
			if err := s.Write(t.Context(), user.Change{Factors: &f}); err != nil {
				t.Fatal(err)
			}
			f = f.Next()
			f.Deliver = user.NewID()
		}
		for _, units := range m.units {
			if units != 1 {
				t.Errorf("%s: a write cost %v units, want 1", name, units)
			}
		}
		if len(m.units) != 2 {
			t.Errorf("%s: %d writes were metered, want 2", name, len(m.units))
		}
	}
}
