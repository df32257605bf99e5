package installation

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// The states that a person has to resolve. The wording says how.
var (
	errFileLost = errors.New("this installation has its first key, and the file that it was written to is not there. " +
		"Give the file's path, or issue another key with a key that you hold. " +
		"Only if nobody holds any key: delete the items BOOTSTRAP/BOOTSTRAP and ORG#/ADMIN#" + firstHolder + " from the table and run this again")
	errHolderThere = errors.New("there is a system administrator " + firstHolder + " with another key, so this one was not stored and is good for nothing. " +
		"Only if nobody holds any key: delete the item ORG#/ADMIN#" + firstHolder + " from the table and run this again")
	errOtherFile = errors.New("the file holds the key of another installation, or of a run that another one overtook. " +
		"Keep it if it belongs to another table; give a different path for this one")
)

// firstKey issues the first system administrator's key. The order keeps every
// crash harmless: the text is in the file before anything can be opened with
// it, and the mark is claimed before the key is stored, so that two runs on
// two machines issue one key between them.
func (i *Installation) firstKey(ctx context.Context, who Administrator, file string) error {
	mark, err := i.Marker.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading the mark: %w", err)
	}
	key, found, err := readKeyFile(file, i.KeyARN)
	if err != nil {
		return err
	}
	switch {
	case found && mark.KeyID == key.ID && mark.Issued:
		i.say("system administrator: key %s exists, its text is in %s, nothing done", key.ID, file)
		return nil
	case !found && mark.KeyID != "":
		return errFileLost
	}
	if !found {
		if key, err = newKeyFile(file, i.KeyARN, i.Now()); err != nil {
			return err
		}
	}
	return i.issue(ctx, who, key, file, !found)
}

// issue claims the mark for the key and stores the key. fresh says that the file was made by this run.
func (i *Installation) issue(ctx context.Context, who Administrator, key access.Key, file string, fresh bool) error {
	mark, err := i.Marker.Claim(ctx, key.ID, i.Now())
	if err != nil {
		return fmt.Errorf("claiming the mark (the key is in %s; run this again): %w", file, err)
	}
	if mark.KeyID != key.ID {
		if !fresh {
			return errOtherFile
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("another run was faster; %s holds a key that is good for nothing and cannot be removed: %w", file, err)
		}
		return errors.New("another run was faster: its file holds the first key, none was written here")
	}
	if err := i.store(ctx, who, key); err != nil {
		return fmt.Errorf("storing the first key (its text is in %s; run this again): %w", file, err)
	}
	i.say("system administrator: key %s issued, its text is in %s and nowhere else", key.ID, file)
	return nil
}

func (i *Installation) store(ctx context.Context, who Administrator, key access.Key) error {
	now := i.Now()
	key.CreatedAt = now // a key from an earlier run's file has none
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	event := audit.Event{
		ID: id.String(), At: now, Kind: audit.SystemBootstrapped, Role: string(access.SystemAdministrator),
		Actor: key.Holder, Key: key.ID, Reason: "first system administrator",
	}
	err = i.Store.CreateSystemAdministrator(ctx, key, who.Name, who.Email, event)
	if errors.Is(err, user.ErrConflict) {
		err = i.stored(ctx, key.ID)
	}
	if err != nil {
		return err
	}
	return i.Marker.Issued(ctx, key.ID, now)
}

// stored says whether a conflict meant that an earlier run had stored this very key.
func (i *Installation) stored(ctx context.Context, keyID string) error {
	found, err := i.Store.Keys(ctx, keyID)
	if err == nil && len(found) == 0 {
		err = errHolderThere
	}
	return err
}
