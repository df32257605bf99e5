package mailing

import (
	"twofold/pkg/boot"
	"twofold/pkg/mail"
	"twofold/pkg/seal"
	"twofold/pkg/ses"
)

// Announcer makes what carries announcements on, which sends through the provider of a service that Open has made.
func Announcer(f *boot.Function, s *mail.Service, store mail.AnnouncementStore, contacts *seal.Ring) *mail.Announcer {
	return &mail.Announcer{
		Mail: s, Store: store, Bulk: s.Sender.(*ses.Sender), Rate: float64(f.Number("ANNOUNCEMENT_RATE")), Wait: boot.Wait,
		OptOut: mail.OptingOut{API: f.Env("PUBLIC_ADDRESS"), Keys: contacts},
	}
}
