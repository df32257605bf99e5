package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"twofold/infra/local/stack"
)

// api calls the stack as an administrator and an application do.
type api struct {
	base, system string
	admin, app   map[string]string // keys, by organisation
	users        int               // who have ordered a code so far
}

func open(ctx context.Context, s *stack.Stack) (*api, error) {
	var file struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	text, err := os.ReadFile(s.KeysFile)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	a := &api{base: s.APIURL, system: file.SystemAdmin.Key, admin: map[string]string{}, app: map[string]string{}}
	for _, id := range []string{crowd, visitors} {
		if err := a.organization(ctx, id); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *api) organization(ctx context.Context, id string) error {
	var made struct {
		Keys []struct{ Role, Key string }
	}
	err := a.call(ctx, http.MethodPut, "/v1/organizations/"+id, a.system, map[string]any{
		"name": id, "entitlements": map[string]bool{"two_factor": true},
		"administrator": map[string]string{"id": "ann", "email": "ann@" + id + ".example"}, "application": map[string]string{"id": "crm"},
	}, &made)
	for _, k := range made.Keys {
		if k.Role == "application" {
			a.app[id] = k.Key
		} else {
			a.admin[id] = k.Key
		}
	}
	return err
}

// call sends a body and reads the answer, which must be a success.
func (a *api) call(ctx context.Context, method, path, key string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if body == nil {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+key)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode >= 300 {
		var problem struct{ Code string }
		_ = json.NewDecoder(reply.Body).Decode(&problem)
		return fmt.Errorf("%s %s: %d %s", method, path, reply.StatusCode, problem.Code)
	}
	return json.NewDecoder(reply.Body).Decode(answer)
}

// announcement is one as the API shows it.
type announcement struct {
	ID, State string
	Progress  struct{ Total, Seen, Sent, Failed, Unknown, Remaining int }
}

const announcements = "/v1/organizations/" + crowd + "/announcements"

func (a *api) announce(ctx context.Context) (made announcement, err error) {
	err = a.call(ctx, http.MethodPost, announcements, a.admin[crowd], map[string]any{"audience": "all", "message": "Questions? Ask in room 12."}, &made)
	return made, err
}

func (a *api) announcement(ctx context.Context, id string) (found announcement, err error) {
	err = a.call(ctx, http.MethodGet, announcements+"/"+id, a.admin[crowd], nil, &found)
	return found, err
}

func (a *api) become(ctx context.Context, id, state string) error {
	var ignored announcement
	return a.call(ctx, http.MethodPatch, announcements+"/"+id, a.admin[crowd], map[string]string{"state": state}, &ignored)
}
