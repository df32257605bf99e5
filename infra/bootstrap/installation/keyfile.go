package installation

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"twofold/pkg/access"
)

// keyFile is the file that the first key is handed over in. Installation is the
// ARN of the KMS key: a file that was left from a test installation must not
// make that one's key good for this one.
type keyFile struct {
	SystemAdministrator struct {
		ID  string `json:"id"` // the key's
		Key string `json:"key"`
	} `json:"system_admin"`
	Installation string `json:"installation"`
}

// errKeyFile tells no detail: the file may hold a key. A run claims the mark
// only after its file is whole, so a broken one of this installation's holds nothing that was stored.
var errKeyFile = errors.New("the file exists and holds no system administrator's key. " +
	"If an interrupted run left it and no other run is under way, delete it and run this again")

// firstHolder is the id of the first system administrator.
const firstHolder = "system-administrator-1"

// newKeyFile makes a key and writes its text to a new file that only its owner
// may read. It never overwrites. The file is on disk when this returns.
func newKeyFile(path, installation string, now time.Time) (access.Key, error) {
	key, text := access.NewKey(access.SystemAdministrator, now)
	content := keyFile{Installation: installation}
	content.SystemAdministrator.ID, content.SystemAdministrator.Key = key.ID, text
	encoded, err := json.Marshal(content)
	if err != nil {
		return access.Key{}, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return access.Key{}, fmt.Errorf("the key's file cannot be made: %w", err)
	}
	_, err = file.Write(append(encoded, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return access.Key{}, fmt.Errorf("the key's file cannot be written: %w", errors.Join(err, os.Remove(path)))
	}
	syncFolder(filepath.Dir(path))
	return own(key), nil
}

// syncFolder makes a new file's name as durable as its content, on systems that
// can: others refuse to open or to sync a folder, and lose nothing but this.
func syncFolder(path string) {
	folder, err := os.Open(path)
	if err != nil {
		return
	}
	_ = folder.Sync()
	_ = folder.Close()
}

// readKeyFile rebuilds the key from the file of an earlier run. found is false where there is no file.
func readKeyFile(path, installation string) (key access.Key, found bool, err error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return access.Key{}, false, nil
	}
	if err != nil {
		return access.Key{}, false, fmt.Errorf("the key's file cannot be read: %w", err)
	}
	var content keyFile
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&content) != nil {
		return access.Key{}, false, errKeyFile
	}
	if _, err := decoder.Token(); err != io.EOF {
		return access.Key{}, false, errKeyFile
	}
	text := content.SystemAdministrator.Key
	credential, err := access.Parse(text)
	if err != nil || credential.ID != content.SystemAdministrator.ID {
		return access.Key{}, false, errKeyFile
	}
	digest := sha256.Sum256([]byte(text))
	key = access.Key{ID: credential.ID, Digest: digest[:], Role: access.SystemAdministrator}
	if !key.Valid(credential, time.Time{}) { // the text is another role's
		return access.Key{}, false, errKeyFile
	}
	if content.Installation != installation {
		return access.Key{}, false, errOtherFile
	}
	return own(key), true, nil
}

// own fills in what the first key is: its own holder's, for all organisations.
func own(key access.Key) access.Key {
	key.Holder, key.Everywhere = firstHolder, true
	return key
}
