package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// OptingOut is what makes the address at which a user ends announcements: that of the API, as the web knows it and without a slash at the
// end, and the keys that the user's name is sealed with.
type OptingOut struct {
	API  string // "https://…"
	Keys interface {
		Seal(plaintext, associated []byte) ([]byte, error)
	}
}

// optOutPath is where the API ends announcements; a token of user.OptOut stands behind it.
const optOutPath = "/v1/announcements/opt-outs/"

var errAddress = errors.New("mail: the API's own address is not https://…, so no announcement could be ended")

func (o OptingOut) address(p user.Profile) (string, error) {
	if !strings.HasPrefix(o.API, "https://") {
		return "", errAddress // the operator's to mend, and no mail's fault: nothing is claimed
	}
	token, err := user.OptOutOf(p).Token(o.Keys)
	return o.API + optOutPath + token, err
}

// sending is what became of a batch. stopped says that the provider takes no mail now.
type sending struct {
	sent, failed, unknown int64
	left                  []string
	stopped               error
}

// send hands a batch over. Whom the provider surely took no mail for is left for the next batch, whoever it may have taken one for is
// unknown: so of a lost reply the whole batch is, and nobody is mailed twice.
func (n *Announcer) send(ctx context.Context, own *org.Sender, letters []letter, to []recipient) sending {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	var done sending
	errs, lost := n.hand(ctx, own, letters)
	for i, err := range errs {
		switch {
		case err == nil:
			done.sent++
		case errors.Is(err, ErrRejected):
			done.failed++
		case errors.Is(err, ErrNotTaken), errors.Is(err, ErrSender):
			done.left = append(done.left, to[i].profile.User)
			done.stopped = fault.Down(err)
		default:
			done.unknown++
			done.stopped = fault.Down(err)
		}
	}
	if done.sent > 0 && done.unknown == 0 {
		done.stopped = nil // it takes some: the next batch, which begins with those who were left, comes at its pace
	}
	if lost {
		if err := n.Mail.lose(ctx, own, n.Mail.Now()); err != nil && done.stopped == nil {
			done.stopped = err
		}
	}
	return done
}

// hand is Service.post of many letters at once.
func (n *Announcer) hand(ctx context.Context, own *org.Sender, letters []letter) (errs []error, lost bool) {
	switch {
	case own == nil || own.State != org.SenderVerified && own.FallsBackSince.IsZero():
		return n.bulk(ctx, letters, letter.message), false
	case own.State != org.SenderVerified:
		n.Mail.FellBack(own.Organization, string(own.State))
		return n.bulk(ctx, letters, letter.standingIn), false
	}
	errs = n.bulk(ctx, letters, func(l letter) Message { return l.from(*own) })
	var again []letter
	var at []int
	for i, err := range errs {
		if errors.Is(err, ErrSender) {
			again, at = append(again, letters[i]), append(at, i)
		}
	}
	if len(again) == 0 {
		return errs, false
	}
	n.Mail.FellBack(own.Organization, errs[at[0]].Error())
	for k, err := range n.bulk(ctx, again, letter.standingIn) {
		lost = lost || err == nil && errors.Is(errs[at[k]], ErrUnverified)
		errs[at[k]] = err
	}
	return errs, lost
}

var errAnswers = errors.New("mail: a batch was not answered message by message")

func (n *Announcer) bulk(ctx context.Context, letters []letter, as func(letter) Message) []error {
	messages := make([]Message, len(letters))
	for i, l := range letters {
		messages[i] = as(l)
	}
	errs := n.Bulk.SendBulk(ctx, messages)
	if len(errs) != len(messages) {
		errs = make([]error, len(messages))
		for i := range errs {
			errs[i] = errAnswers // so nobody knows who was mailed
		}
	}
	return errs
}

// letters are what a batch's recipients are told.
func (n *Announcer) letters(a org.Announcement, o org.Organization, to []recipient) ([]letter, error) {
	letters := make([]letter, len(to))
	for i, r := range to {
		letters[i] = announcementLetter(r, o, a)
		var err error
		if letters[i].unsubscribe, err = n.OptOut.address(r.profile); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// announcementLetter says what holds for its recipient. An administrator's own words come last and as such: we write none that have a link.
func announcementLetter(r recipient, o org.Organization, a org.Announcement) letter {
	c := content{
		Organization: o.Name, Heading: "Two-factor authentication will be required",
		Lead:   "Your organisation asks everybody for a second factor when signing in. At your next sign-in you can set it up: have your phone with an authenticator app at hand, and a private email address.",
		NotYou: "This message asks for no code and no password, and has no link. Set it up where you sign in as always.",
	}
	tag := "announcement"
	switch {
	case a.Round > 0:
		c.Heading, tag = "Your time to set up two-factor authentication is running out", "reminder"
		c.Lead = "You have no second factor yet. Set one up at your next sign-in: afterwards you cannot sign in without."
	case r.enrolled:
		c.Heading = "Two-factor authentication is part of your sign-in"
		c.Lead = "Your organisation uses a second factor when signing in. You have set yours up: there is nothing to do. If you change your phone, sign in with the old one first and add the new one."
		c.NotYou = "This message asks for no code and no password, and has no link. Manage your second factor where you sign in as always."
	case !r.obliged:
		c.Heading = "You can protect your sign-in with a second factor"
		c.Lead = "Your organisation offers two-factor authentication: a stolen password alone then opens nothing. At your next sign-in you can set it up: have your phone with an authenticator app at hand, and a private email address."
	}
	if r.obliged && !r.enrolled {
		c.Facts = times(r, o.Policy)
	}
	if a.ByHand != nil && a.Round == 0 && a.ByHand.Message != "" {
		c.Facts = append(c.Facts, fmt.Sprintf("Your administrator writes: “%s”", a.ByHand.Message))
	}
	return letter{to: r.profile.Email, subject: c.Heading + ": " + o.Name, tag: tag, of: Of{Organization: o.ID, User: r.profile.User}, content: c}
}

// times are the dates of who is obliged.
func times(r recipient, p org.Policy) (facts []string) {
	if !p.EnforceFrom.IsZero() && p.Status == org.Forced {
		facts = append(facts, "Required from: "+audit.InWords(p.EnforceFrom))
	}
	if r.deadline.After(p.EnforceFrom) {
		facts = append(facts, "You have time until: "+audit.InWords(r.deadline))
	}
	return facts
}
