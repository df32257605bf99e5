package enroll

import (
	"context"
	"maps"
	"slices"
	"strings"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// generate adds to the change that completes an enrolment an app password for each of the policy's services that the user has no working one
// for, made with the method that was enrolled. The user is told of them with the enrolment.
func (t *step) generate(ctx context.Context, success user.Success, way org.Method, change *user.Change) error {
	services := t.appPasswordServices()
	if len(services) == 0 {
		return nil
	}
	all, err := t.appPasswords(ctx)
	if err != nil {
		return err
	}
	next := user.AppPasswords{Organization: all.Organization, User: all.User, Rev: all.Rev + 1, All: all.Living(t.f.Epoch)}
	var made []string
	for _, service := range services {
		has := func(a user.AppPassword) bool { return a.Service == service && a.Works(*t.snap.Organization, t.f.Epoch) }
		if slices.ContainsFunc(next.All, has) || len(next.All) >= user.MaxAppPasswords {
			continue
		}
		a, _, err := t.appPassword(all, service, way, t.f.Epoch, success, t.now)
		if err != nil {
			return err
		}
		next.All, made = append(next.All, a), append(made, service)
		event := t.l.Event(audit.AppPasswordCreated, t.snap, t.c, t.now)
		event.Details = a.Details()
		change.Events = append(change.Events, event)
	}
	if len(made) == 0 {
		return nil
	}
	t.generated, change.AppPasswords = &next, &next
	enrolled := &change.Events[0]
	enrolled.Details = maps.Clone(enrolled.Details)
	enrolled.Details["app_passwords"] = strings.Join(made, ", ")
	return nil
}

// showGenerated are the app passwords that came with an enrolment: a retry after a lost reply is shown the same.
func (t *step) showGenerated(ctx context.Context, success user.Success) ([]login.AppPassword, error) {
	if len(t.appPasswordServices()) == 0 {
		return nil, nil
	}
	if t.generated == nil {
		stored, err := t.appPasswords(ctx)
		if err != nil {
			return nil, err
		}
		t.generated = &stored
	}
	var shown []login.AppPassword
	for _, a := range t.generated.All {
		if string(a.Tag) != success.ID || a.Epoch != t.f.Epoch {
			continue
		}
		opened, err := t.opened(login.Snapshot{Organization: t.snap.Organization, Factors: t.f, AppPasswords: *t.generated}, a)
		if err != nil {
			return nil, err
		}
		shown = append(shown, login.AppPassword{ID: a.ID, Service: a.Service, Password: opened.Password})
	}
	return shown, nil
}

// appPasswordServices are those that the organisation has app passwords for.
func (t *step) appPasswordServices() []string {
	o := *t.snap.Organization
	return slices.DeleteFunc(slices.Clone(o.Policy.AppPasswordServices), func(service string) bool { return !user.OffersAppPasswords(o, service) })
}

// appPasswords are what the user has. Few enrolments ask, so the steps do not read them along.
func (t *step) appPasswords(ctx context.Context) (user.AppPasswords, error) {
	snap, err := t.Store.ReadWithAppPasswords(ctx, t.c.Credential, t.l.Organization, t.l.User, "")
	if err != nil {
		return user.AppPasswords{}, fault.Down(err)
	}
	return snap.AppPasswords, nil
}
