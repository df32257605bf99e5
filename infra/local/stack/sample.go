package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"twofold/infra/local/loopback"
	"twofold/infra/local/sample"
)

// maxReturnAddresses is how many an application may have.
const maxReturnAddresses = 20

// Sample starts the sample application at addr (host:port, on 127.0.0.1; port 0 takes a free one) with the keys that ReadyMade wrote, and has its
// return address added to its application's. It gives the address for a browser, without a trailing slash.
func (s *Stack) Sample(ctx context.Context, addr, keysFile string) (string, error) {
	text, err := os.ReadFile(keysFile)
	if err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	var keys readyKeys
	if err := json.Unmarshal(text, &keys); err != nil || keys.Application.Key == "" {
		return "", errors.New("stack: the keys of the sample application cannot be read")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	at := "http://" + listener.Addr().String()
	handler, err := s.sample(ctx, at, keysFile, keys)
	if err != nil {
		return "", errors.Join(err, listener.Close())
	}
	s.serveOn(listener, handler)
	return at, nil
}

func (s *Stack) sample(ctx context.Context, at, keysFile string, keys readyKeys) (http.Handler, error) {
	if err := s.allowReturn(ctx, keys, at+"/callback"); err != nil {
		return nil, err
	}
	app, err := sample.New(sample.Config{
		Address: at, API: s.APIURL, Issuer: keys.Issuer, Organization: keys.Organization, Audience: keys.Application.Holder, Key: keys.Application.Key,
		Mailbox: s.MailURL, KeysFile: keysFile, Log: slog.New(slog.NewTextHandler(s.logs.named("sample"), nil)), Now: time.Now,
		Transport: http.DefaultTransport,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if loopback.Only(w, r, "sample application") {
			app.ServeHTTP(w, r)
		}
	}), err
}

// allowReturn adds a return address to the ready-made application, of an earlier version's folder too. Others that it has stay.
func (s *Stack) allowReturn(ctx context.Context, keys readyKeys, address string) error {
	type application struct {
		ID              string   `json:"id,omitempty"`
		Name            string   `json:"name"`
		ReturnAddresses []string `json:"return_addresses"`
	}
	path := "/v1/organizations/" + keys.Organization + "/applications"
	var all struct{ Applications []application }
	if err := s.ask(ctx, keys.System.Key, http.MethodGet, path, "", &all); err != nil {
		return err
	}
	i := slices.IndexFunc(all.Applications, func(a application) bool { return a.ID == keys.Application.Holder })
	if i < 0 {
		return fmt.Errorf("stack: the application %q of the keys file is gone: remove the folder of the keys to begin anew", keys.Application.Holder)
	}
	a := all.Applications[i]
	if slices.Contains(a.ReturnAddresses, address) {
		return nil
	}
	if len(a.ReturnAddresses) >= maxReturnAddresses {
		return fmt.Errorf("stack: the application %q has %d return addresses, and %s is none of them: remove one, or take another port", a.ID, len(a.ReturnAddresses), address)
	}
	if a.Name == "" {
		a.Name = "Larkspur Notes"
	}
	a.ID, a.ReturnAddresses = "", append(a.ReturnAddresses, address)
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.ask(ctx, keys.System.Key, http.MethodPut, path+"/"+keys.Application.Holder, string(body), nil)
}
