// Package mailserver runs a real Dovecot, from Debian's packages, that asks a Twofold about passwords, with the very script
// and the settings that docs/mail-servers.md shows. It listens on loopback, keeps everything in a folder of its own and ends with whoever
// started it. It is for tests: it has no TLS, and no mail.
package mailserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"twofold/infra/local/child"
)

// ErrNoDovecot says that this machine has no such mail server.
var ErrNoDovecot = errors.New("dovecot, or its Lua module, is missing; it is the mail server that asks Twofold about passwords (Debian: apt-get install dovecot-imapd dovecot-auth-lua)")

// Options say what the mail server asks, and whom it knows itself.
type Options struct {
	Script       string            // infra/dovecot/twofold.lua
	URL          string            // of the check
	Organization string            // whose users it has
	Key          string            // an application's
	Accounts     map[string]string // account passwords by user, which Twofold never knows
}

// Server is a running Dovecot.
type Server struct {
	IMAP   string // address
	Socket string // where a mail transfer agent asks, as Postfix does

	folder  string
	process *child.Process
	log     *os.File
}

const (
	startTries = 3 // a free port may be taken by somebody else before Dovecot has it
	ready      = 20 * time.Second
	grace      = 5 * time.Second
)

// Start starts one and waits until it listens.
func Start(ctx context.Context, o Options) (*Server, error) {
	const program = "/usr/sbin/dovecot" // where Debian has it, in nobody's path but root's
	if !exists(program) || !exists("/usr/lib/dovecot/modules/auth/libauthdb_lua.so") || !exists("/usr/lib/dovecot/imap") {
		return nil, ErrNoDovecot
	}
	var err error
	for range startTries {
		s := &Server{}
		if err = s.start(ctx, program, o); err == nil {
			return s, nil
		}
		text := s.Log()
		s.Stop()
		err = fmt.Errorf("mailserver: %w\n%s", err, text)
		if !strings.Contains(text, "Address already in use") {
			break
		}
	}
	return nil, err
}

func (s *Server) start(ctx context.Context, program string, o Options) error {
	var err error
	// Short, because the name of a socket may have 107 bytes; and open to Dovecot's own users, but for the key.
	if s.folder, err = os.MkdirTemp("/tmp", "twofold-mail-"); err != nil {
		return err
	}
	if err := os.Chmod(s.folder, 0o755); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s.IMAP, s.Socket = net.JoinHostPort("127.0.0.1", port), filepath.Join(s.folder, "auth")
	if err := s.write(o, port); err != nil {
		return err
	}
	if s.log, err = os.Create(filepath.Join(s.folder, "log")); err != nil {
		return err
	}
	cmd := exec.Command(program, "-F", "-c", filepath.Join(s.folder, "dovecot.conf"))
	cmd.Stdout, cmd.Stderr, cmd.Env = s.log, s.log, []string{"PATH=" + os.Getenv("PATH")}
	if s.process, err = child.Start(cmd); err != nil {
		return err
	}
	return s.await(ctx)
}

// await returns when somebody listens, or nobody will.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ready)
	defer cancel()
	for {
		if c, err := net.DialTimeout("tcp", s.IMAP, time.Second); err == nil {
			return c.Close()
		}
		select {
		case <-s.process.Done():
			return fmt.Errorf("dovecot has ended: %v", s.process.Err())
		case <-ctx.Done():
			return fmt.Errorf("dovecot does not listen: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends it, with all that it has started, and removes its folder.
func (s *Server) Stop() {
	if s.process != nil {
		s.process.Stop(grace)
	}
	if s.log != nil {
		_ = s.log.Close() // it was only written by the process
	}
	_ = os.RemoveAll(s.folder) // what is left lies in the folder for temporary things
}

// Log is all that it has said.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil {
		return ""
	}
	return string(text)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
