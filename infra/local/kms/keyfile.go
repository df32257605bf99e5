package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// key is the one key: AES-256-GCM under an id.
type key struct {
	id   uuid.UUID
	arn  string
	aead cipher.AEAD
}

// keyFile is the key on disk.
type keyFile struct {
	ID       uuid.UUID `json:"id"`
	Material []byte    `json:"material"` // 32 bytes
}

func openKey(path, region string) (*key, error) {
	file, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("kms: %w", err)
	}
	block, err := aes.NewCipher(file.Material)
	if err != nil {
		return nil, fmt.Errorf("kms: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("kms: %w", err)
	}
	return &key{id: file.ID, arn: "arn:aws:kms:" + region + ":000000000000:key/" + file.ID.String(), aead: aead}, nil
}

func readKey(path string) (keyFile, error) {
	if path == "" {
		return keyFile{}, fs.ErrNotExist
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return keyFile{}, err
	}
	var file keyFile
	if json.Unmarshal(data, &file) != nil || len(file.Material) != 32 {
		return keyFile{}, fmt.Errorf("%s holds no key", path) // the cause could quote the material
	}
	return file, nil
}

// makeKey writes a new key beside path and links it there, which fails where another process was first; then that
// process's key is the one.
func makeKey(path string) (keyFile, error) {
	file := keyFile{ID: uuid.New(), Material: make([]byte, 32)}
	_, _ = rand.Read(file.Material) // crypto/rand.Read never fails
	if path == "" {
		return file, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return keyFile{}, err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return keyFile{}, err
	}
	defer os.Remove(temporary.Name())
	err = errors.Join(json.NewEncoder(temporary).Encode(file), temporary.Sync(), temporary.Close())
	if err != nil {
		return keyFile{}, err
	}
	if err := os.Link(temporary.Name(), path); errors.Is(err, fs.ErrExist) {
		return readKey(path)
	} else if err != nil {
		return keyFile{}, err
	}
	return file, nil
}
