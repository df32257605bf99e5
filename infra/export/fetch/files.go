package fetch

import (
	"errors"
	"fmt"
	"os"
)

// Files are where an export is kept: its pages put together, their signatures, a line each, and the keys that these are verified with.
type Files struct{ Path string }

// The names of what belongs to an export, after its own.
const (
	signatures = ".jws"
	keys       = ".jwks.json"
	part       = ".part" // what is not known to be whole and right
)

func (f Files) all() []string { return []string{f.Path, f.Path + signatures, f.Path + keys} }

// incomplete are the same files before they are known to be whole and right.
func (f Files) incomplete() Files { return Files{f.Path + part} }

// writer writes the files of an export that is under way. Only done gives them their names.
type writer struct {
	files             Files
	pages, signatures *os.File
}

// create begins, unless there is something already: an export is never written over.
func (f Files) create(jwks []byte) (*writer, error) {
	for _, path := range f.all() {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s is there already", path)
		}
	}
	w := &writer{files: f}
	unfinished := f.incomplete()
	var err error
	if w.pages, err = exclusive(unfinished.Path); err != nil {
		return nil, err
	}
	if w.signatures, err = exclusive(unfinished.Path + signatures); err != nil {
		w.close()
		return nil, err
	}
	if err := os.WriteFile(unfinished.Path+keys, jwks, 0o600); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func exclusive(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s is there: another run writes it, or one has left it; in that case remove it", path)
	}
	return file, err
}

func (w *writer) add(page []byte, signature string) error {
	if _, err := w.pages.Write(page); err != nil {
		return err
	}
	_, err := w.signatures.WriteString(signature + "\n")
	return err
}

func (w *writer) close() {
	for _, file := range []*os.File{w.pages, w.signatures} {
		if file != nil {
			_ = file.Close()
		}
	}
}

// sync brings what was written to the disk.
func (w *writer) sync() error {
	return errors.Join(w.pages.Sync(), w.signatures.Sync(), w.pages.Close(), w.signatures.Close())
}

// done gives the files their names, the pages last: where they are, all is.
func (w *writer) done() error {
	unfinished := w.files.incomplete()
	for _, end := range []string{keys, signatures, ""} {
		if err := os.Rename(unfinished.Path+end, w.files.Path+end); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what is not complete.
func (w *writer) discard() {
	w.close()
	for _, path := range w.files.incomplete().all() {
		_ = os.Remove(path)
	}
}
