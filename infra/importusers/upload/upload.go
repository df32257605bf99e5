package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Tally is what became of all lines so far.
type Tally struct {
	Lines, Created, Updated, Unchanged, Refused int
}

func (t Tally) String() string {
	return fmt.Sprintf("%d created, %d updated, %d unchanged, %d refused", t.Created, t.Updated, t.Unchanged, t.Refused)
}

// Upload is one file on its way.
type Upload struct {
	Client   Client
	Progress io.Writer
	Refusals *Refusals
	Now      func() time.Time
	// Mails is how many mails a second the file may cause: each user with an authenticator is told. Codes go the same way, and must not
	// queue behind thousands. 0: no limit.
	Mails int
}

// interval lies between two lines of progress.
const interval = 2 * time.Second

// ErrRefused says that everything was sent, and that some lines were refused.
var ErrRefused = errors.New("some lines were refused")

// Run sends the file. However it ends, the same file may be sent again: what was done is then unchanged.
func (u Upload) Run(ctx context.Context, file io.Reader) (Tally, error) {
	var t Tally
	began := u.Now()
	told := began
	for call, err := range Calls(file, u.Client.Format) {
		if err != nil {
			return t, err
		}
		answer, err := u.Client.Send(ctx, call)
		if err != nil {
			return t, fmt.Errorf("lines %d to %d: %w", call.Lines[0].Number, call.Lines[len(call.Lines)-1].Number, err)
		}
		t.Lines += len(call.Lines)
		t.Created, t.Updated = t.Created+answer.Created, t.Updated+answer.Updated
		t.Unchanged, t.Refused = t.Unchanged+answer.Unchanged, t.Refused+answer.Refused
		if err := u.Refusals.note(call, answer); err != nil {
			return t, err
		}
		if err := u.pace(ctx, call, answer); err != nil {
			return t, err
		}
		if now := u.Now(); now.Sub(told) >= interval {
			u.tell(t, now.Sub(began))
			told = now
		}
	}
	u.tell(t, u.Now().Sub(began))
	if t.Refused > 0 {
		return t, ErrRefused
	}
	return t, nil
}

// pace waits as long as the mails of a call take.
func (u Upload) pace(ctx context.Context, call Call, answer Answer) error {
	mails := 0
	for i, r := range answer.Results {
		if (r.Result == "created" || r.Result == "updated") && bytes.Contains(call.Lines[i].Text, []byte("otpauth://")) {
			mails++
		}
	}
	if mails == 0 || u.Mails == 0 {
		return nil
	}
	return u.Client.Wait(ctx, time.Duration(mails)*time.Second/time.Duration(u.Mails))
}

func (u Upload) tell(t Tally, took time.Duration) {
	rate := 0.0
	if took > 0 {
		rate = float64(t.Lines) / took.Seconds()
	}
	fmt.Fprintf(u.Progress, "%d lines, %.0f a second: %s\n", t.Lines, rate, t)
}
