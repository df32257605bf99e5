// Command ses checks the requests of the product's SES client against an emulator that others wrote: it starts aws-ses-v2-local on this
// machine, sends every kind of mail there is through pkg/ses, and compares what the emulator says that it received.
//
// The emulator judges the shape of requests (types, required fields, what a header may hold) and keeps sender, recipients, subject, both
// bodies, headers and attachments; it fills inline templates with Handlebars. Of a bulk it keeps no attachments, of any mail neither tags
// nor the configuration set, and it knows no identities: those only the stand-in of infra/local judges.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	netmail "net/mail"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"twofold/pkg/mail"
	"twofold/pkg/ses"
)

const from = "Twofold <no-reply@twofold.test>"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := flag.String("emulator", "aws-ses-v2-local", "the emulator's `program`")
	flag.Parse()
	if err := run(ctx, *program); err != nil {
		fmt.Fprintln(os.Stderr, "contract of SES:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	address, err := start(ctx, program)
	if err != nil {
		return err
	}
	sender := ses.Open(aws.Config{
		Region: "eu-west-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	}, &address, from, "twofold-set")
	var failed error
	for _, m := range kinds() {
		if err := sender.Send(ctx, m.Message); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	bulk := crowd()
	for i, err := range sender.SendBulk(ctx, bulk) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("bulk, %d: %w", i, err))
		}
	}
	got, err := received(ctx, address)
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, m := range kinds() {
		failed = errors.Join(failed, compare(m.name, m.Message, got[m.To], true))
	}
	for i, m := range bulk {
		failed = errors.Join(failed, compare(fmt.Sprint("bulk, ", i), m, got[m.To], false))
	}
	if len(got) != len(kinds())+len(bulk) {
		failed = errors.Join(failed, fmt.Errorf("%d recipients got something, want %d", len(got), len(kinds())+len(bulk)))
	}
	if failed == nil {
		fmt.Printf("SES: %d mails one by one and %d in one call arrived as they were sent\n", len(kinds()), len(bulk))
	}
	return failed
}

// start runs the emulator on a free port of the loopback until ctx ends, and gives its address once it answers.
func start(ctx context.Context, program string) (string, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return "", err
	}
	emulator := exec.CommandContext(ctx, program, "--host", "127.0.0.1", "--port", strconv.Itoa(port))
	emulator.Cancel = func() error { return emulator.Process.Signal(syscall.SIGTERM) }
	emulator.WaitDelay = 5 * time.Second
	emulator.Stderr = os.Stderr
	if err := emulator.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- emulator.Wait() }()
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/health-check", nil)
		if err != nil {
			return "", err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			return address, nil
		}
		select {
		case err := <-ended:
			return "", fmt.Errorf("the emulator ended: %w", err)
		case <-time.After(50 * time.Millisecond): // it tells nobody when it is ready
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

type kind struct {
	name string
	mail.Message
}

// odd is text that every step on the way could spoil.
const odd = "Größe, \"quoted\", {{text}} {{{html}}} {{#if x}}, <b>&amp;</b>, 日本, \\ \n\tend\n"

func kinds() []kind {
	of := mail.Of{Organization: "acme", User: "ann", Delivery: strings.Repeat("d", 32)}
	return []kind{
		{"text alone", mail.Message{To: "text@example.com", Subject: "Your code", Text: "12345678\n"}},
		{"text and HTML, tags", mail.Message{To: "html@example.com", Subject: "Your code for Größe & Söhne", Text: odd, HTML: "<p>" + odd + "</p>", Tag: "code-sign-in", Of: of}},
		{"an own sender", mail.Message{To: "own@example.com", From: mail.From{Address: "codes@mail.acme.example", Name: `Größe, "Ltd."`}, Subject: "s", Text: "t", HTML: "<p>t</p>", Of: of}},
		{"a logo", mail.Message{To: "logo@example.com", Subject: "s", Text: "t", HTML: `<img src="cid:logo">`, Logo: logo(), Of: of}},
		{"an end by one click", mail.Message{To: "list@example.com", Subject: "s", Text: "t", HTML: "<p>t</p>", Unsubscribe: "https://twofold.example/u?t=a&b=c", Of: of}},
		{"an odd address", mail.Message{To: "o'neil_1.x+tag@xn--exmple-cua.org", Subject: "s", Text: "t", Of: of}},
	}
}

func logo() *mail.Image {
	return &mail.Image{Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n\x00 not really")}
}

// crowd is what one call takes.
func crowd() []mail.Message {
	var all []mail.Message
	for i := range mail.MaxBulk {
		all = append(all, mail.Message{
			To: fmt.Sprintf("bulk-%d@example.com", i), Subject: fmt.Sprint("Two-factor: ", i, " {{subject}}"), Text: fmt.Sprint(i, " ", odd), HTML: fmt.Sprint("<p>", i, odd, "</p>"),
			Unsubscribe: fmt.Sprint("https://twofold.example/u?t=", i), Tag: "announcement", Of: mail.Of{Organization: "acme", User: fmt.Sprint("user-", i)},
		})
	}
	return all
}

// email is what the emulator kept of one.
type email struct {
	From        string
	Destination struct{ To, Cc, Bcc []string }
	Subject     string
	Body        struct{ HTML, Text string }
	Attachments []struct{ Content, ContentType, ContentDisposition, ContentID, Filename string }
	Headers     []struct{ Name, Value string }
}

func received(ctx context.Context, address string) (map[string]email, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/store", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var store struct{ Emails []email }
	if err := json.NewDecoder(answer.Body).Decode(&store); err != nil {
		return nil, err
	}
	all := map[string]email{}
	for _, e := range store.Emails {
		to := strings.Join(slices.Concat(e.Destination.To, e.Destination.Cc, e.Destination.Bcc), ",")
		if _, twice := all[to]; twice {
			return nil, fmt.Errorf("%s got two", to)
		}
		all[to] = e
	}
	return all, nil
}

// compare says where what arrived is not what was sent. Of a bulk the emulator keeps no attachments.
func compare(name string, m mail.Message, got email, attachments bool) error {
	var failed error
	same := func(what, got, want string) {
		if got != want {
			failed = errors.Join(failed, fmt.Errorf("%s: the %s is %q, want %q", name, what, got, want))
		}
	}
	parsed, err := netmail.ParseAddress(got.From)
	if err != nil {
		return fmt.Errorf("%s: it did not arrive, or from nobody: %q", name, got.From)
	}
	want := netmail.Address{Name: "Twofold", Address: "no-reply@twofold.test"}
	if m.From.Address != "" {
		want = netmail.Address{Name: m.From.Name, Address: m.From.Address}
	}
	same("sender", parsed.String(), want.String())
	same("subject", got.Subject, m.Subject)
	same("text", got.Body.Text, m.Text)
	same("HTML", got.Body.HTML, m.HTML)
	headers := ""
	for _, h := range got.Headers {
		headers += h.Name + ": " + h.Value + "\n"
	}
	ended := ""
	if m.Unsubscribe != "" {
		ended = "List-Unsubscribe: <" + m.Unsubscribe + ">\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
	}
	same("headers", headers, ended)
	picture := ""
	for _, a := range got.Attachments {
		picture += a.Filename + " " + a.ContentType + " " + a.ContentDisposition + " " + a.ContentID + " " + a.Content
	}
	if m.Logo != nil && attachments {
		same("logo", picture, "logo.png "+m.Logo.Type+" INLINE logo "+base64.StdEncoding.EncodeToString(m.Logo.Data))
	} else {
		same("logo", picture, "")
	}
	return failed
}
