package ses

import (
	"net/http"
	"time"
)

// Quota is what the account may send. The zero value is no limit.
type Quota struct {
	Rate float64 // mails in a second
	Day  float64 // mails in 24 hours
}

// unlimited is what an account without a quota here is said to have.
var unlimited = Quota{Rate: 1_000_000, Day: -1}

// SetQuota limits what may be sent from now on; what was sent before does not count.
func (s *SES) SetQuota(q Quota) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quota, s.bucket, s.filled, s.sent = q, q.Rate, s.now(), nil
}

const (
	sendingRate = "Maximum sending rate exceeded."
	dailyQuota  = "Daily message quota exceeded."
)

// count takes recipients from the quota; a failure where there is not enough. The service counts recipients, not messages, and may let
// a short burst exceed the rate: here it may be one second's worth.
// https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
func (s *SES) count(recipients int) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.forget(now)
	if s.quota.Day > 0 && float64(len(s.sent)+recipients) > s.quota.Day {
		return &failure{http.StatusTooManyRequests, "TooManyRequestsException", dailyQuota}
	}
	if s.quota.Rate > 0 {
		s.bucket = min(max(s.quota.Rate, 1), s.bucket+now.Sub(s.filled).Seconds()*s.quota.Rate)
		s.filled = now
		if s.bucket < float64(recipients) {
			return &failure{http.StatusTooManyRequests, "TooManyRequestsException", sendingRate}
		}
		s.bucket -= float64(recipients)
	}
	if s.quota.Day > 0 {
		for range recipients {
			s.sent = append(s.sent, now)
		}
	}
	return nil
}

// forget drops what was sent more than a day ago.
func (s *SES) forget(now time.Time) {
	for len(s.sent) > 0 && now.Sub(s.sent[0]) >= 24*time.Hour {
		s.sent = s.sent[1:]
	}
}

// account is the operation GetAccount.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
func (s *SES) account(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.now())
	q := unlimited
	if s.quota.Rate > 0 {
		q.Rate = s.quota.Rate
	}
	if s.quota.Day > 0 {
		q.Day = s.quota.Day
	}
	write(w, http.StatusOK, map[string]any{
		"ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY",
		"SendQuota": map[string]float64{"MaxSendRate": q.Rate, "Max24HourSend": q.Day, "SentLast24Hours": float64(len(s.sent))},
	})
}
