package lambda

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/child"
)

// errNotDelivered says that the instance ended without having taken the invocation.
var errNotDelivered = errors.New("lambda: the instance took no invocation")

// instance is one process with a Runtime API of its own. One goroutine at a time may call invoke.
type instance struct {
	arn     string
	process *child.Process
	server  *http.Server
	next    chan *invocation
	failed  chan error // from /runtime/init/error
	open    openInvocation
}

// invocation is one piece of work on its way through the Runtime API. Until a runtime has taken it, it may be offered
// to another.
type invocation struct {
	id       string
	payload  []byte
	timeout  time.Duration
	deadline time.Time     // counts from when the runtime takes it, unless it was set before
	taken    chan struct{} // closed when the runtime has it
	answer   chan answer   // holds one
}

func newInvocation(payload []byte, timeout time.Duration) *invocation {
	return &invocation{
		id: uuid.NewString(), payload: payload, timeout: timeout,
		taken: make(chan struct{}), answer: make(chan answer, 1),
	}
}

type answer struct {
	body []byte
	err  error
}

func startInstance(f Function, logs *lineSink) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambda: %w", err)
	}
	i := &instance{arn: arn(f), next: make(chan *invocation), failed: make(chan error, 1)}
	i.server = &http.Server{Handler: i.api(), ReadHeaderTimeout: 10 * time.Second}
	cmd := exec.Command(f.Binary)
	cmd.Dir = filepath.Dir(f.Binary)
	cmd.Env = environment(f, listener.Addr().String())
	stdout, stderr := logs.stream(), logs.stream()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second // a grandchild that holds the pipe must not hold up the end
	if i.process, err = child.Start(cmd); err != nil {
		listener.Close()
		return nil, err
	}
	go func() { _ = i.server.Serve(listener) }() // http.ErrServerClosed
	go func() {
		<-i.process.Done()
		stdout.flush()
		stderr.flush()
	}()
	return i, nil
}

// invoke hands the work over, which must not take longer than init, and waits for the answer. After any error but a
// *FunctionError alone the instance is unfit: the caller must stop it. errNotDelivered and ErrInit leave the work to
// be offered again.
func (i *instance) invoke(work *invocation, init time.Duration) ([]byte, error) {
	starting := time.NewTimer(init)
	defer starting.Stop()
	select {
	case <-i.process.Done(): // first, since a dead runtime's request for work may not have been noticed as dead yet
		return nil, i.neverReady()
	default:
	}
	select {
	case i.next <- work:
		<-work.taken
	case err := <-i.failed:
		return nil, err
	case <-i.process.Done():
		return nil, i.neverReady()
	case <-starting.C:
		return nil, ErrInit
	}
	running := time.NewTimer(time.Until(work.deadline))
	defer running.Stop()
	select {
	case a := <-work.answer:
		return a.body, a.err
	case <-i.process.Done():
		select { // it may have answered with its last breath
		case a := <-work.answer:
			return a.body, a.err
		default:
			return nil, ErrCrashed
		}
	case <-running.C:
		return nil, ErrTimeout
	}
}

// neverReady is why an instance that has ended took nothing: what it reported itself, if it did.
func (i *instance) neverReady() error {
	select {
	case err := <-i.failed:
		return err
	default:
		return errNotDelivered
	}
}

// stop kills the process: Lambda gives a function without extensions no warning either.
func (i *instance) stop() {
	i.process.Stop(0)
	_ = i.server.Close()
}
