package upload

import (
	"fmt"
	"os"
)

// Refusals keeps the lines that were refused in a file of the same format, so that they can be corrected and sent, and beside it why each
// was. Both are made with the first refusal and are for their owner alone: a line may hold a secret. The zero value with a Path is ready.
type Refusals struct {
	Path           string
	lines, reasons *os.File
}

// ReasonsPath is where the reasons are.
func (r *Refusals) ReasonsPath() string { return r.Path + ".reasons" }

func (r *Refusals) note(c Call, a Answer) error {
	for i, result := range a.Results {
		if result.Result != "refused" {
			continue
		}
		if err := r.open(c.Header); err != nil {
			return err
		}
		if _, err := r.lines.Write(append(c.Lines[i].Text, '\n')); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(r.reasons, "%d,%s,%s\n", c.Lines[i].Number, result.Code, result.Field); err != nil {
			return err
		}
	}
	return nil
}

// open makes both files. One that is there already is never overwritten: it may be the only copy of what is still to be corrected.
func (r *Refusals) open(header []byte) (err error) {
	if r.lines != nil {
		return nil
	}
	if r.lines, err = os.OpenFile(r.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if r.reasons, err = os.OpenFile(r.ReasonsPath(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return err
	}
	if _, err = fmt.Fprintln(r.reasons, "line,code,field"); err != nil || len(header) == 0 {
		return err
	}
	_, err = r.lines.Write(append(header, '\n'))
	return err
}

// Close closes what is open.
func (r *Refusals) Close() error {
	if r.lines == nil {
		return nil
	}
	err := r.lines.Close()
	if r.reasons != nil {
		if closed := r.reasons.Close(); err == nil {
			err = closed
		}
	}
	return err
}
