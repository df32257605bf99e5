package memstore

import (
	"reflect"

	"twofold/pkg/mail"
	"twofold/pkg/user"
)

func (s *Store) noticeParts(c user.Change) []part {
	if c.Notice == nil {
		return nil
	}
	n := *c.Notice
	n.Event, n.To, n.ExpiresAt = settleEvent(n.Event), list(n.To), floor(n.ExpiresAt)
	at := named{member{n.Organization, n.User}, n.Event.ID}
	stored, present := s.notices[at]
	return []part{{
		holds: !present, ours: reflect.DeepEqual(stored, n), proof: true,
		apply: func() {
			s.notices[at] = n
			s.orders = append(s.orders, mail.Order{
				Kind: mail.NoticeOrder, Organization: n.Organization, User: n.User, Reference: n.Event.ID, Event: settleEvent(n.Event), To: list(n.To), Named: true,
			})
		},
	}}
}
