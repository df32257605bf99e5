package page

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

type row struct {
	Name, State, Tone string
	Count             int
}

// sample is the data of every page of the gallery.
type sample struct {
	Lead, Label, Hint, Error, Remember, RememberHint, Again, Lost string
	Picture                                                       []byte
	Choices, Email, Select, Why                                   Field
	Codes                                                         []string
	Rows                                                          []row
	At                                                            time.Time
}

// sampled fills every text through say, so that a test may put the same hostile one everywhere.
func sampled(say func(string) string) sample {
	s := sample{
		Lead:  say("Open your authenticator app and enter the code that it shows for Acme."),
		Label: say("Six-digit code"), Hint: say("It changes every 30 seconds."), Error: say("This code is not right. Wait for the next one."),
		Remember: say("Trust this browser for 30 days"), RememberHint: say("Only on a device that nobody else uses."), Again: say("Send a new code"), Lost: say("I have lost my phone"),
		At:      time.Date(2026, 3, 1, 21, 5, 0, 0, time.UTC),
		Picture: picture(),
	}
	options := []Option{{say("totp"), say("Authenticator app"), say("Codes from an app on your phone. Works without network.")}, {say("email"), say("Email"), say("Codes to your private address.")}}
	s.Choices = Field{Name: "method", Label: say("How do you want to prove that it is you?"), Value: options[0].Value, Options: options}
	s.Email = Field{Name: "email", Label: say("Recovery email"), Hint: say("Not the address that you sign in with."), Error: say("This is not an address."), Type: "email", Autocomplete: "email", Value: say("ann@home.example")}
	s.Select = Field{Name: "state", Label: say("Status"), Options: options, Value: options[1].Value}
	s.Why = Field{Name: "reason", Label: say("Reason"), Hint: say("The user reads it."), Rows: 3, MaxLength: 200, Value: say("Lost phone"), Optional: true}
	for range 10 {
		s.Codes = append(s.Codes, say("7KQ4-9XWD-M2PA"))
	}
	s.Rows = []row{{say("ann@acme.example"), say("Enrolled"), "good", 12}, {say("bob.with.a.long.name@acme.example"), say("Suspended"), "bad", 0}, {say("cy@acme.example"), say("In grace"), "warn", 3}}
	return s
}

func picture() []byte {
	m := image.NewGray(image.Rect(0, 0, 45, 45))
	for i := range m.Pix {
		m.Pix[i] = uint8(255 * (i * i / 7 % 2))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		panic(err)
	}
	return file.Bytes()
}

// gallery are all views, by name.
func gallery(say func(string) string) map[string]View {
	s := sampled(say)
	right := s
	right.Error = ""
	brand := Brand{Name: say("Acme Cloud"), Color: "#0a7d5a"}
	logo := Brand{Name: say("Acme Cloud"), Color: "#ffc800", Logo: &org.Logo{Type: "image/png", Data: picture(), Width: 45, Height: 45}}
	nav := []Link{{say("Overview"), "/overview", true}, {say("Users"), "/users", false}, {say("Policy"), "/policy", false}, {say("Announcements"), "/announcements", false}, {say("Audit"), "/audit", false}}
	return map[string]View{
		"code":    {Body: "code", Title: say("Confirm that it is you"), Data: right, Brand: brand},
		"wrong":   {Body: "code", Title: say("Confirm that it is you"), Data: s, Brand: Brand{Name: say("Acme Cloud")}, Alerts: []Alert{{Failed, say("Two tries are left.")}}},
		"setup":   {Body: "setup", Title: say("Set up your authenticator"), Data: s, Brand: logo, Alerts: []Alert{{Noted, say("Your organisation asks for a second factor.")}}, Secret: true},
		"codes":   {Body: "codes", Title: say("Your recovery codes"), Data: s, Brand: logo, Alerts: []Alert{{Succeeded, say("Two-factor authentication is on.")}}, Returns: []string{"https://app.example/back?x=1"}},
		"console": {Body: "console", Title: say("Users"), Data: s, Brand: brand, Wide: true, Nav: nav, Banner: &Banner{say("You act as Ann Example of Acme Cloud until 21:05."), say("Stop"), "/impersonation/end"}},
	}
}

func same[T any](it T) T { return it }

// gallerySite has a route for every view.
func gallerySite(t *testing.T, o Options, views map[string]View) *Site {
	t.Helper()
	o.Templates = os.DirFS("testdata")
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range views {
		s.Handle("GET /"+name, func(w http.ResponseWriter, r *http.Request) error {
			shown := v
			shown.Language = Language(r, "", "")
			return s.Render(w, r, http.StatusOK, shown)
		})
	}
	return s
}

var (
	ids    = regexp.MustCompile(`\sid="([^"]*)"`)
	points = regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|data-copy)="([^"]*)"`)
)

// Every page is whole, in every language: what is pointed to is there, once.
func TestGallery(t *testing.T) {
	views := gallery(same[string])
	site := gallerySite(t, Options{}, views)
	for _, l := range words.Languages() {
		for name := range views {
			body := get(t, site, "/"+name, "Accept-Language", string(l)).Body.String()
			var all []string
			for _, m := range ids.FindAllStringSubmatch(body, -1) {
				if slices.Contains(all, m[1]) {
					t.Errorf("%s: the id %s is there twice", name, m[1])
				}
				all = append(all, m[1])
			}
			for _, m := range points.FindAllStringSubmatch(body, -1) {
				for id := range strings.FieldsSeq(m[1]) {
					if !slices.Contains(all, id) {
						t.Errorf("%s: there is no %s", name, id)
					}
				}
			}
			if !strings.Contains(body, `<html lang="`+string(l)+`" dir="ltr">`) || !strings.HasSuffix(body, "</html>\n") || strings.Count(body, "<h1>") != 1 || strings.Contains(body, "ZgotmplZ") {
				t.Errorf("%s in %s is no whole page", name, l)
			}
		}
	}
}

// get asks the site, with headers in pairs.
func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := newGet(t, path)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func newGet(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
}

// Readers in all languages at once, the first ones among them, see what each alone would.
func TestPagesAreShownAtOnce(t *testing.T) {
	views := gallery(same[string])
	site, alone := gallerySite(t, Options{}, views), gallerySite(t, Options{}, views)
	var readers sync.WaitGroup
	for range 4 {
		for _, l := range words.Languages() {
			for name := range views {
				readers.Go(func() {
					got := get(t, site, "/"+name, "Accept-Language", string(l), "Accept-Encoding", "gzip")
					want := get(t, alone, "/"+name, "Accept-Language", string(l))
					body := got.Body.String()
					if got.Header().Get("Content-Encoding") == "gzip" {
						body = unzipped(t, got.Body.Bytes())
					}
					if body != want.Body.String() {
						t.Errorf("%s in %s is another beside others", name, l)
					}
				})
			}
		}
	}
	readers.Wait()
}
