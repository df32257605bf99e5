package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretBytes are of a webhook's secret; Standard Webhooks asks for 24 to 64.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
const secretBytes = 32

// secretPrefix marks a secret as one of Standard Webhooks' symmetric kind.
const secretPrefix = "whsec_"

// newSecret is a fresh one, and as its owner gets it.
func newSecret() (raw []byte, shown string) {
	raw = make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails
	return raw, secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// Signature is what a message is signed with, as Standard Webhooks has it: of its id, the time of the attempt and the body, once for
// each secret that signs.
func Signature(id string, at time.Time, body []byte, secrets [][]byte) string {
	signed := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + stamp(at) + "."))
		mac.Write(body)
		signed[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signed, " ")
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// header is what a message goes out under.
func header(m Message, at time.Time, body []byte, secrets [][]byte) map[string]string {
	return map[string]string{
		"content-type": "application/json", "user-agent": "Twofold-Webhooks/1",
		"webhook-id": m.ID, "webhook-timestamp": stamp(at), "webhook-signature": Signature(m.ID, at, body, secrets),
	}
}
