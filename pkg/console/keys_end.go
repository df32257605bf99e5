package console

import (
	"slices"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// overlaps are how many hours a key may live on beside the one that takes its place, the usual ones first.
var overlaps = []int{24, 0, 1, 72, 168}

func (v *visit) rotation() error { return v.showRotation(nil) }

func (v *visit) showRotation(refused error) error {
	refused = mendable(refused)
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	k, err := v.keyNamed()
	if err != nil {
		return err
	}
	overlap := page.Field{Name: "overlap_hours", Label: v.say.Say("console.keys.overlap"), Hint: v.say.Say("console.keys.overlap.hint"), Value: v.typed("overlap_hours", strconv.Itoa(overlaps[0]))}
	for _, hours := range overlaps {
		overlap.Options = append(overlap.Options, page.Option{Value: strconv.Itoa(hours), Label: v.say.Say("console.keys.overlap." + strconv.Itoa(hours))})
	}
	w := wish{
		Action: v.at("/keys/rotate"), Back: v.at("/keys"), Lead: v.say.Say("console.keys.rotate.lead"), Button: v.say.Say("console.keys.new.button"), Hidden: k.ID,
		About: v.keyShown(k).About,
		Fields: v.blame(refused, []page.Field{
			overlap,
			{Name: "name", Label: v.say.Say("console.keys.name"), Hint: v.say.Say("console.keys.name.hint"), MaxLength: 80, Optional: true, Autocomplete: "off", Value: v.typed("name", k.Name)},
			v.expiryField("console.keys.expires.rotated"),
		}),
	}
	return v.shown(status, page.View{Body: "console/keys.new", Title: v.say.Say("console.keys.rotate.title"), Data: w, Alerts: alerts})
}

func (v *visit) rotate() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ends, err := v.ends()
	if err != nil {
		return v.showRotation(err)
	}
	hours, err := strconv.Atoi(v.form("overlap_hours"))
	if err != nil || hours < 0 || hours > int(people.MaxOverlap/time.Hour) {
		return v.showRotation(people.ErrOverlap)
	}
	return v.proposeKey(people.NewKey{Rotates: id, Name: v.form("name"), ExpiresAt: ends, Overlap: time.Duration(hours) * time.Hour}, v.showRotation)
}

// ending is the page that says what ends with a key.
type ending struct {
	key
	Action, Back string
}

func (v *visit) revocation() error { return v.showRevocation(nil) }

func (v *visit) showRevocation(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	k, err := v.keyNamed()
	if err != nil {
		return err
	}
	e := ending{v.keyShown(k), v.at("/keys/revoke"), v.at("/keys")}
	return v.shown(status, page.View{Body: "console/keys.revoke", Title: v.say.Say("console.keys.revoke.title"), Data: e, Alerts: alerts})
}

func (v *visit) revoke() error { return v.end("key_revoked", v.showRevocation) }

// endSession signs somebody out who is signed in to the console.
func (v *visit) endSession() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	keys, err := v.People.Keys(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(keys, func(k access.Key) bool { return k.ID == id && k.Console }) {
		return v.on("/keys", "done", "gone") // keys are revoked on a page that says what that means
	}
	return v.end("session_ended", func(err error) error { return err })
}

func (v *visit) end(done string, refused func(error) error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.People.RevokeKey(v.r.Context(), v.caller, v.home, id)
	switch {
	case missing(err):
		done = "gone"
	case err != nil:
		return refused(err)
	}
	return v.on("/keys", "done", done)
}
