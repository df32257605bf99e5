package console

import (
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

func keysRoutes(d desk) {
	d.bothGet("/keys", (*visit).keys)
	applicationRoutes(d)
	d.bothGet("/keys/new", (*visit).newKey)
	d.bothPost("/keys/new", (*visit).askForKey)
	d.bothGet("/keys/rotate", (*visit).rotation)
	d.bothPost("/keys/rotate", (*visit).rotate)
	d.bothGet("/keys/revoke", (*visit).revocation)
	d.bothPost("/keys/revoke", (*visit).revoke)
	d.bothPost("/keys/end", (*visit).endSession)
	d.bothGet("/keys/changes/{change}", (*visit).keyWaits)
	d.bothPost("/keys/changes/{change}", (*visit).confirmKey)
}

// key is one as pages show it: no part of its text.
type key struct {
	ID, Name              string
	Holder, Kind          string // whose it is, and what they are in words
	Permissions           []string
	Scope                 string // in a sentence, of a key without permissions of its own
	Narrowed, Mine        bool
	CreatedAt, ExpiresAt  time.Time
	LastUsedAt            time.Time
	Rotate, Revoke, About string // pages, and what buttons are about
}

// application is one as pages show it.
type application struct {
	ID, Name        string
	Addresses       []string
	Reach           string // of the vendor's: for whom it asks
	Audience        string
	CreatedAt       time.Time
	Keys            int
	Change, Key     string
	Remove, Reaches string
}

// keyring is the page of applications and keys.
type keyring struct {
	Applications  []application
	Keys          []key
	Sessions      []key
	Vendors       bool
	NewKey, Add   string
	End           string
	Lead, AppLead string
}

func (v *visit) keys() error {
	applications, err := v.People.Applications(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	all, err := v.People.Keys(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	ring := keyring{
		Vendors: v.vendors(), NewKey: v.at("/keys/new"), Add: v.at("/keys/application"), End: v.at("/keys/end"),
		Lead: v.say.Say("console.keys.lead"), AppLead: v.say.Say("console.applications.lead" + v.ofHome()),
	}
	for _, a := range applications {
		ring.Applications = append(ring.Applications, v.applicationShown(a, all))
	}
	for _, k := range all {
		if k.Console {
			ring.Sessions = append(ring.Sessions, v.keyShown(k))
		} else {
			ring.Keys = append(ring.Keys, v.keyShown(k))
		}
	}
	return v.shown(http.StatusOK, page.View{Body: "console/keys", Title: v.say.Say("console.keys.title"), Data: ring})
}

func (v *visit) keyShown(k access.Key) key {
	shown := key{
		ID: k.ID, Name: k.Name, Holder: k.Holder, Kind: v.roleWord(string(k.Role)), Permissions: v.permissionWords(k.Permissions), Narrowed: k.Scope != nil,
		Mine: k.ID == v.key.ID, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, LastUsedAt: k.LastUsedAt,
		Rotate: v.at("/keys/rotate", "id", k.ID), Revoke: v.at("/keys/revoke", "id", k.ID),
	}
	shown.About = shown.Kind + " " + k.Holder + " " + k.ID
	if len(k.Permissions) == 0 {
		shown.Scope = v.say.Say("console.keys.may." + string(k.Role))
	}
	return shown
}

func (v *visit) applicationShown(a org.Application, keys []access.Key) application {
	shown := application{
		ID: a.ID, Name: a.Name, Addresses: a.ReturnAddresses, Audience: a.Audience, CreatedAt: a.CreatedAt,
		Change: v.at("/keys/application", "id", a.ID), Key: v.at("/keys/new", "application", a.ID), Remove: v.at("/keys/application/remove", "id", a.ID),
	}
	for _, k := range keys {
		if k.Role == access.Application && k.Holder == a.ID {
			shown.Keys++
		}
	}
	if a.Everywhere {
		shown.Reach = v.say.Say("console.keys.everywhere")
	} else if len(a.Organizations) > 0 {
		shown.Reach = v.say.Say("console.keys.named", "n", strconv.Itoa(len(a.Organizations)))
	}
	return shown
}

// keyNamed finds the key that a field names among those that the caller may care for. Sessions are keys here only where that is said.
func (v *visit) keyNamed() (access.Key, error) {
	id, err := v.id("id")
	if err != nil {
		return access.Key{}, err
	}
	all, err := v.People.Keys(v.r.Context(), v.caller, v.home)
	if err != nil {
		return access.Key{}, err
	}
	for _, k := range all {
		if k.ID == id && !k.Console {
			return k, nil
		}
	}
	return access.Key{}, access.ErrNotFound
}
