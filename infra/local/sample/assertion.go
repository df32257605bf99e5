package sample

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"twofold/pkg/sign"
)

// Proof is what an assertion says of a second factor; the zero value: there was none.
type Proof struct {
	Methods       []string // amr
	Class         string   // acr
	At            time.Time
	TrustedDevice bool
	Recovery      string // the way back that was taken
	Claims        string // all of them, as JSON to look at
}

// assertions verifies them offline, with keys that it fetches once, and again when one is signed by a key that it does not know, at most once a minute.
type assertions struct {
	api, issuer, audience string
	http                  *http.Client
	now                   func() time.Time

	mu       sync.Mutex
	verifier *sign.Verifier
	fetched  time.Time
}

// verify demands that an assertion is Twofold's, live, for this application, and about this user's login with this nonce.
func (a *assertions) verify(ctx context.Context, token, organization, user, nonce string) (Proof, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	of := sign.Expected{Organization: organization, User: user, Nonce: nonce}
	if a.verifier == nil {
		if err := a.fetch(ctx); err != nil {
			return Proof{}, err
		}
	}
	found, err := a.verifier.Verify(token, of, a.now())
	if errors.Is(err, sign.ErrUnknownKey) && a.now().Sub(a.fetched) >= time.Minute {
		if err := a.fetch(ctx); err != nil {
			return Proof{}, err
		}
		found, err = a.verifier.Verify(token, of, a.now())
	}
	if err != nil {
		return Proof{}, err
	}
	return Proof{
		Methods: found.Methods, Class: found.Class, At: found.AuthTime, TrustedDevice: found.TrustedDevice, Recovery: found.Recovery, Claims: readable(token),
	}, nil
}

func (a *assertions) fetch(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.api+"/.well-known/jwks.json", nil)
	if err != nil {
		return err
	}
	response, err := a.http.Do(request)
	if err != nil {
		return fmt.Errorf("%w: its keys: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: its keys: status %d", ErrUnreachable, response.StatusCode)
	}
	verifier, err := sign.NewVerifier(text, a.issuer, a.audience)
	if err != nil {
		return fmt.Errorf("%w: its keys: %w", ErrUnreachable, err)
	}
	a.verifier, a.fetched = verifier, a.now()
	return nil
}

// readable are the claims of a token that was verified.
func readable(token string) string {
	parts := strings.Split(token, ".")
	var out bytes.Buffer
	if text, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil || json.Indent(&out, text, "", "  ") != nil {
		return ""
	}
	return out.String()
}
