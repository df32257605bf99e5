package attack_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
)

// branding says how the organisation's mail looks and reads, from a version on.
func (t *tenant) branding(from string, body fields) request {
	return request{key: t.admin, method: http.MethodPut, path: t.path("/branding"), body: body, ifMatch: `"` + from + `"`}
}

// aLogo is a small picture, as an API takes it.
func aLogo() string {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 16, 16))); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(file.Bytes())
}

func brandingSamples() []sample {
	whole := func() fields {
		return fields{
			"name": "Acme Mail", "language": "de", "color": "#0a7d5a", "logo": aLogo(),
			"texts": []any{fields{"language": "de", "text": "signoff", "words": "Ihr {organization}-Team"}},
		}
	}
	return []sample{
		{"a branding", "put-branding", func(t *tenant) request { return t.branding("0", whole()) }, 200, 0},
		{"another branding", "put-branding", func(t *tenant) request {
			t.send(t.branding("0", whole())).ok(t.t)
			return t.branding("1", fields{"name": "Acme"})
		}, 200, 0},
		{"a branding looked at", "get-branding", func(t *tenant) request {
			t.send(t.branding("0", whole())).ok(t.t)
			return t.read(t.path("/branding"))
		}, 0, 0},
	}
}
