package fetch

import (
	"net/http"
	"net/url"
	"testing"
)

func TestWhereTheNextPageMayBe(t *testing.T) {
	from, err := url.Parse("https://api.example/v1/report/export?format=csv")
	if err != nil {
		t.Fatal(err)
	}
	const elsewhere = "-"
	for link, want := range map[string]string{
		"": "", `<?cursor=x>; rel="next"`: "https://api.example/v1/report/export?cursor=x", `<https://api.example/v1/report/export?y>; rel=next`: "https://api.example/v1/report/export?y",
		`</x>; rel="prev", <?z>; rel="next"`: "https://api.example/v1/report/export?z", `<?z>; rel="nextish"`: "", `?z; rel="next"`: "",
		`<http://api.example/v1/report/export?x>; rel="next"`: elsewhere, `<//api.example:8443/v1/report/export?x>; rel="next"`: elsewhere, `<https://a:b@api.example/v1/report/export>; rel="next"`: elsewhere,
		`</v1/audit/export?x>; rel="next"`: elsewhere, `<%zz>; rel="next"`: elsewhere,
	} {
		got, err := nextOf(http.Header{"Link": {link}}, from)
		switch {
		case (err != nil) != (want == elsewhere):
			t.Errorf("%s: %v, %v", link, got, err)
		case err == nil && (got == nil) != (want == ""), got != nil && got.String() != want:
			t.Errorf("%s: %v, want %q", link, got, want)
		}
	}
}
