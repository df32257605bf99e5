package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
)

// rememberWanted asks to trust the browser that an answer comes from.
type rememberWanted struct {
	Name string `json:"name,omitempty" maxLength:"80" doc:"For the user, who will see it in a list: one line."`
}

type deviceShown struct {
	ID          string    `json:"id"`
	Name        string    `json:"name,omitempty"`
	Application string    `json:"application" doc:"Where it is trusted: <organisation>/<application>, or the id alone of an application of the vendor's own."`
	Agent       string    `json:"agent,omitempty" doc:"As the application claimed when it became trusted."`
	Address     string    `json:"address,omitempty" doc:"Likewise."`
	CreatedAt   time.Time `json:"created_at" doc:"When the user proved a second factor on it."`
	LastUsedOn  string    `json:"last_used_on" doc:"The day (UTC)."`
	ExpiresAt   time.Time `json:"expires_at"`
}

type deviceOutput struct{ Body deviceShown }

type devicesOutput struct {
	Body struct {
		Devices []deviceShown `json:"devices" doc:"Those that are trusted now, the latest first: at most ten. None shows a token."`
	}
}

// DevicePath is the part of a path that names a trusted device of a user.
type DevicePath struct {
	SubjectPath
	Device string `path:"device" pattern:"^[0-9a-f-]{36}$" doc:"The device's id."`
}

type renameInput struct {
	DevicePath
	Body struct {
		Name string `json:"name" maxLength:"80" doc:"One line; empty for none."`
	}
}

type passwordChangedInput struct {
	SubjectPath
	Body struct {
		Browser browser `json:"browser,omitzero"`
	}
}

// wanted is what the workflows are asked for; nil where nothing was.
func (r *rememberWanted) wanted() (*login.Remember, error) {
	switch {
	case r == nil:
		return nil, nil
	case r.Name != "" && !oneLine(r.Name):
		return nil, errName.At("remember.name")
	}
	return &login.Remember{Name: r.Name}, nil
}

func registerDevices(api *API, s *enroll.Service) {
	const all = "/v1/organizations/{organization}/users/{user}/devices"
	Register(api, Operation{
		ID: "list-devices", Method: http.MethodGet, Path: all, Rule: enroll.DevicesRule(),
		Summary: "The browsers that are trusted for a user",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*devicesOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		devices, err := s.Devices(ctx, c, of)
		out := &devicesOutput{}
		out.Body.Devices = each(devices, showDevice)
		return out, err
	})
	Register(api, Operation{
		ID: "revoke-devices", Method: http.MethodDelete, Path: all, Rule: enroll.DevicesRule(),
		Summary:  "Trust no browser of a user any more",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*struct{}, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		return nil, s.RevokeDevices(ctx, c, of)
	})
	registerDevice(api, s)
	registerPasswordChanged(api, s)
	registerDeliverable(api, s)
}

func registerDevice(api *API, s *enroll.Service) {
	const one = "/v1/organizations/{organization}/users/{user}/devices/{device}"
	Register(api, Operation{
		ID: "rename-device", Method: http.MethodPatch, Path: one, Rule: enroll.DevicesRule(),
		Summary:  "Give a trusted browser another name",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *renameInput) (*deviceOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		if in.Body.Name != "" && !oneLine(in.Body.Name) {
			return nil, errName
		}
		d, err := s.RenameDevice(ctx, c, of, in.Device, in.Body.Name)
		return &deviceOutput{Body: showDevice(d)}, err
	})
	Register(api, Operation{
		ID: "revoke-device", Method: http.MethodDelete, Path: one, Rule: enroll.DevicesRule(),
		Summary:     "Trust a browser no more, with effect on the next login",
		Description: "404 where it is not trusted: it never was, or not any more.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *DevicePath) (*struct{}, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		return nil, s.RevokeDevice(ctx, c, of, in.Device)
	})
}

func registerPasswordChanged(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "password-changed", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/password-changed", Rule: enroll.Rule(),
		Summary:     "Say that a user has another password",
		Description: "Trusted devices, app passwords and logins under way end: whoever knew the old password may have begun them. The second factor stays, nobody is mailed, and the audit records it. Saying it twice ends again what came in between.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *passwordChangedInput) (*struct{}, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		return nil, s.PasswordChanged(ctx, c, of)
	})
}

func showDevice(d enroll.Device) deviceShown {
	return deviceShown{
		ID: d.ID, Name: d.Name, Application: d.Application, Agent: d.Agent, Address: d.Address,
		CreatedAt: d.CreatedAt.UTC().Truncate(time.Second), LastUsedOn: d.LastUsedAt.UTC().Format(time.DateOnly), ExpiresAt: d.Until.UTC().Truncate(time.Second),
	}
}
