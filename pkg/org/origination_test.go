package org

import (
	"errors"
	"testing"
)

func TestWhatSMSMayComeFrom(t *testing.T) {
	const ours Originations = "arn:aws:sms-voice:eu-west-1:123456789012:"
	for _, good := range []string{
		"", "arn:aws:sms-voice:eu-west-1:123456789012:pool/pool-0123456789abcdef0123456789abcdef",
		"arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-0123456789abcdef0123456789abcdef",
		"arn:aws:sms-voice:eu-west-1:123456789012:sender-id/ACME-2/DE", "ACME", "4ME", "1-a", "A2345678901",
	} {
		if err := ours.Check(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"arn:aws:sms-voice:eu-west-1:999999999999:pool/pool-1", "arn:aws:sms-voice:us-east-1:123456789012:pool/pool-1",
		"arn:aws:sms-voice:eu-west-1:123456789012:opt-out-list/Default", "arn:aws:sms-voice:eu-west-1:123456789012:pool/*",
		"arn:aws:sms-voice:eu-west-1:123456789012:pool/", "arn:aws:sms-voice:eu-west-1:123456789012:sender-id/ACME",
		"arn:aws:sms-voice:eu-west-1:123456789012:sender-id/ACME/de", "arn:aws:sms-voice:eu-west-1:123456789012:pool/a/b",
		"arn:aws:sms-voice:eu-west-1:123456789012:pool/pool-1\n", "A23456789012", "12345678901", "-", "AC ME", "ACME\n", "ÄCME", "AC*", "+15550100", "*",
	} {
		if err := ours.Check(bad); !errors.Is(err, ErrOrigination) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := Originations("").Check("pool/pool-1"); err == nil {
		t.Error("without an account anything is an ARN")
	}
}
