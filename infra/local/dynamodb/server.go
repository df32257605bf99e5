// Package dynamodb runs DynamoDB Local: it fetches it once, starts it on a loopback port, makes the table that
// template.yaml defines and gives tests a table of their own. It holds no schema; the template is the only one. It is
// for the local stack and for tests and may not be imported by anything that is deployed.
package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/child"
)

// startTimeout is generous: a machine that builds and tests at the same time needs many times the usual 2 to 4 s.
const startTimeout = 2 * time.Minute

// Options says how DynamoDB Local is to run.
type Options struct {
	// Dir holds the data between runs. Empty keeps everything in memory.
	Dir string
	// Port to listen on; zero takes a free one.
	Port int
	// Logs receives what the server prints; nil discards it.
	Logs io.Writer
}

// Server is a running DynamoDB Local.
type Server struct {
	process  *child.Process
	endpoint string
}

// Start fetches DynamoDB Local where that has not been done, starts it and returns when it answers. The server ends
// with Stop, or with this process in whatever way that ends; ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	lib, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// A port that was free may be taken when Java gets to it; then it exits, and another port is tried.
	for tries := 3; ; tries-- {
		s, err := launch(ctx, lib, o)
		if err == nil || !errors.Is(err, errExited) || o.Port != 0 || tries == 0 {
			return s, err
		}
	}
}

var errExited = errors.New("dynamodb: DynamoDB Local ended while starting")

func launch(ctx context.Context, lib string, o Options) (*Server, error) {
	port := o.Port
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	cmd, err := command(lib, port, o)
	if err != nil {
		return nil, err
	}
	process, err := child.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("dynamodb: %w", err)
	}
	s := &Server{process: process, endpoint: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	if err := s.await(ctx); err != nil {
		process.Stop(0)
		return nil, err
	}
	return s, nil
}

func command(lib string, port int, o Options) (*exec.Cmd, error) {
	args := []string{
		"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dsqlite4java.library.path=" + lib,
		"-cp", lib + string(filepath.ListSeparator) + filepath.Join(lib, "*"), "Loopback",
		"-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port),
		"-cors", "http://127.0.0.1", // its default lets any web page in the developer's browser read the tables
	}
	if o.Dir == "" {
		args = append(args, "-inMemory")
	} else {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("dynamodb: %w", err)
		}
		args = append(args, "-dbPath", o.Dir)
	}
	cmd := exec.Command("java", args...)
	cmd.Env = append(os.Environ(), "DDB_LOCAL_TELEMETRY=0")
	cmd.Stdout, cmd.Stderr = o.Logs, o.Logs
	return cmd, nil
}

// await polls until the server answers, or has ended.
func (s *Server) await(ctx context.Context) error {
	client := Client(s.endpoint)
	for {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := client.ListTables(attempt, &dynamodb.ListTablesInput{})
		cancel()
		select {
		case <-s.process.Done():
			return fmt.Errorf("%w: %v", errExited, s.process.Err())
		default:
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("dynamodb: DynamoDB Local did not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Endpoint is the server's address, as AWS_ENDPOINT_URL_DYNAMODB wants it.
func (s *Server) Endpoint() string { return s.endpoint }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Stop ends the server.
func (s *Server) Stop() { s.process.Stop(10 * time.Second) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("dynamodb: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
