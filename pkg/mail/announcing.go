package mail

import (
	"context"
	"errors"
	"strings"

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
func (n *Announcer) letters(a org.Announcement, o Organization, to []recipient) ([]letter, error) {
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
func announcementLetter(r recipient, o Organization, a org.Announcement) letter {
	v := o.voice(r.profile.Language)
	tag, key, notYou := "announcement", "announcement", "announcement.not_you"
	switch {
	case a.Round > 0:
		tag, key = "reminder", "reminder"
	case r.enrolled:
		key, notYou = "announcement.enrolled", "announcement.enrolled.not_you"
	case !r.obliged:
		key = "announcement.offered"
	}
	heading := v.Say(key + ".heading")
	if key == "announcement" && r.already {
		heading = v.Say("announcement.already.heading")
	}
	var deadline []string
	if r.obliged && !r.enrolled && !r.deadline.IsZero() {
		deadline = []string{"until", v.Time(r.deadline)}
	}
	c := content{Heading: heading, Lead: v.lead(key+".lead", deadline...), NotYou: v.Say(notYou)}
	if r.obliged && !r.enrolled {
		c.Facts = v.times(r, o.Policy)
	}
	if a.ByHand != nil && a.Round == 0 && a.ByHand.Message != "" {
		c.Facts = append(c.Facts, v.fact(v.Say("fact.message"), "“"+a.ByHand.Message+"”"))
	}
	return letter{voice: v, to: r.profile.Email, subject: v.subject(heading), tag: tag, of: Of{Organization: o.ID, User: r.profile.User}, content: c}
}

// times are the dates of who is obliged.
func (v voice) times(r recipient, p org.Policy) (facts []fact) {
	if !p.EnforceFrom.IsZero() && p.Status == org.Forced {
		label := "fact.required_from"
		if r.already {
			label = "fact.required_since"
		}
		facts = append(facts, v.fact(v.Say(label), v.Time(p.EnforceFrom)))
	}
	if r.deadline.After(p.EnforceFrom) {
		facts = append(facts, v.fact(v.Say("fact.time_until"), v.Time(r.deadline)))
	}
	return facts
}
