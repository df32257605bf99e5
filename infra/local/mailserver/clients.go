package mailserver

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"time"
)

// answerWithin bounds every conversation with the mail server; its script waits for Twofold for six seconds at most.
const answerWithin = 20 * time.Second

// conversation is a connection on which lines go both ways.
type conversation struct {
	net.Conn
	lines *bufio.Reader
}

func dial(ctx context.Context, network, address string) (*conversation, error) {
	c, err := (&net.Dialer{Timeout: answerWithin}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return nil, err
	}
	return &conversation{c, bufio.NewReader(c)}, nil
}

// until reads lines until one begins with a word.
func (c *conversation) until(words ...string) (string, error) {
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("mailserver: waiting for %q: %w", words, err)
		}
		for _, word := range words {
			if strings.HasPrefix(line, word) {
				return strings.TrimRight(line, "\r\n"), nil
			}
		}
	}
}

// Login is what a mail client does (RFC 9051 §6.2.3): it logs in and, if it may, opens the inbox. It gives the answer to the login, such
// as "OK …" or "NO [AUTHENTICATIONFAILED] …".
func (s *Server) Login(ctx context.Context, user, password string) (string, error) {
	c, err := dial(ctx, "tcp", s.IMAP)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.until("* OK"); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(c, "a LOGIN %s %s\r\n", quoted(user), quoted(password)); err != nil {
		return "", err
	}
	answer, err := c.until("a ")
	if err != nil || !strings.HasPrefix(answer, "a OK") {
		return strings.TrimPrefix(answer, "a "), err
	}
	if _, err := fmt.Fprint(c, "b SELECT INBOX\r\n"); err != nil {
		return "", err
	}
	if opened, err := c.until("b "); err != nil || !strings.HasPrefix(opened, "b OK") {
		return "", fmt.Errorf("mailserver: logged in, and the inbox does not open: %s %v", opened, err)
	}
	return strings.TrimPrefix(answer, "a "), nil
}

// quoted is a string of RFC 9051 §4.3.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// Ask is what Postfix does (smtpd_sasl_type = dovecot): it asks over the socket whether a password is right for a service. It gives
// "OK" or "FAIL" with what comes after.
func (s *Server) Ask(ctx context.Context, service, user, password string) (string, error) {
	c, err := dial(ctx, "unix", s.Socket)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.until("DONE"); err != nil {
		return "", err
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password)) // RFC 4616 §2
	if _, err := fmt.Fprintf(c, "VERSION\t1\t2\nCPID\t1\nAUTH\t1\tPLAIN\tservice=%s\trip=127.0.0.1\tsecured\tresp=%s\n", service, plain); err != nil {
		return "", err
	}
	return c.until("OK\t1", "FAIL\t1")
}
