// Package qr reads QR codes as a phone would, for tests and the local stack; nothing that is deployed may import it.
package qr

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// ErrNoReader says that this machine cannot read a QR code.
var ErrNoReader = errors.New("zbarimg is missing; it reads the QR code as a phone would (Debian: apt-get install zbar-tools)")

// Read reads the QR code in a picture with zbar, which shares nothing with the library that drew it.
func Read(png []byte) (string, error) {
	program, err := exec.LookPath("zbarimg")
	if err != nil {
		return "", ErrNoReader
	}
	read := exec.Command(program, "--quiet", "--raw", "-Sbinary=0", "png:-")
	read.Stdin = bytes.NewReader(png)
	text, err := read.Output()
	if err != nil {
		return "", fmt.Errorf("zbarimg read nothing: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
