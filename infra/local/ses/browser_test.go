package ses

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"twofold/infra/local/browser"
)

// Developers read the mailbox in a browser, some of them with other eyes or by keyboard, and by night.
func TestTheMailboxInABrowser(t *testing.T) {
	s, client, url := open(t)
	if _, err := client.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("mail.example.com")}); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*browser.Browser{browser.New(t), browser.New(t).Dark()} {
		empty := b.Open(url + "/?to=nobody@example.com")
		empty.Sees("No mail yet")
		empty.Accessible()
	}
	s.box.add(Message{ID: "1", Subject: "Your code", Text: "12345678\n" + strings.Repeat("x", 200), HTML: "<p>12345678</p>", Attachments: []string{"qr.png"}, ReceivedAt: moment}, []string{"a@example.com"})
	s.box.add(Message{ID: "2", Subject: strings.Repeat("long", 40), HTML: "<b>only</b>", ReceivedAt: moment}, []string{strings.Repeat("b", 60) + "@example.com"})
	s.Beside("Webhooks", func() []Sent {
		return []Sent{{What: "user.enrolled", To: "https://hooks.example.com/" + strings.Repeat("y", 80), Answer: "503", Text: "{}", At: moment}}
	})
	s.Beside("Event bus", func() []Sent { return nil })
	for name, b := range map[string]*browser.Browser{"light": browser.New(t), "dark": browser.New(t).Dark().WithoutJavaScript()} {
		p := b.Open(url)
		p.Sees("Your code")
		p.Accessible()
		p.Fits(320)
		p.Screenshot("mailbox/" + name)
		p.Click("Event bus")
		p.In("Your code").Click("a@example.com")
		p.Sees("1 for a@example.com")
		p.Click("Show everyone’s")
		p.Sees("2 messages")
	}
	waiting := browser.New(t).Open(url + "/?to=c@example.com")
	waiting.Sees("No mail yet")
	s.box.add(Message{ID: "3", Subject: "At last", Text: "x", ReceivedAt: moment}, []string{"c@example.com"})
	waiting.Sees("At last")
}
