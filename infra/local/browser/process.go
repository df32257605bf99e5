package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"

	"twofold/infra/local/child"
)

// ErrNoBrowser says that this machine has no Chromium.
var ErrNoBrowser = errors.New("chromium is missing; the browser tests drive it (Debian: apt-get install chromium)")

// startTimeout is generous: a machine that builds and tests at the same time needs many times the usual second.
const startTimeout = time.Minute

// shared starts Chromium at the first call. It ends with the test process, in whatever way that ends.
var shared = sync.OnceValues(func() (*rod.Browser, error) {
	profile, err := newProfile()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return launch(ctx, profile)
})

func launch(ctx context.Context, profile string) (*rod.Browser, error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrNoBrowser
	}
	said := &sayings{address: make(chan string, 1)}
	cmd := exec.Command(program, arguments(profile)...)
	cmd.Stderr = said
	process, err := child.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	b, err := connect(ctx, process, said)
	if err != nil {
		process.Stop(0)
		return nil, err
	}
	return b, nil
}

// arguments keep Chromium to this machine: it asks no name server, and nothing of its own goes out.
func arguments(profile string) []string {
	all := []string{
		"--headless", "--user-data-dir=" + profile, "--remote-debugging-port=0", "--no-startup-window", "--no-first-run",
		"--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync",
		"--disable-breakpad", "--disable-gpu", "--disable-dev-shm-usage", "--metrics-recording-only", "--mute-audio", "--use-mock-keychain",
		"--password-store=basic", "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		"--disable-ipc-flooding-protection", "--disable-popup-blocking", "--disable-prompt-on-repost", "--force-color-profile=srgb",
		"--hide-scrollbars", "--enable-automation", "--disable-features=SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter",
	}
	if os.Geteuid() == 0 {
		all = append(all, "--no-sandbox") // its sandbox refuses root; the pages are our own
	}
	return all
}

func connect(ctx context.Context, process *child.Process, said *sayings) (*rod.Browser, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("browser: Chromium did not start: %w\n%s", ctx.Err(), said.text())
	case <-process.Done():
		return nil, fmt.Errorf("browser: Chromium ended while starting: %v\n%s", process.Err(), said.text())
	case address := <-said.address:
		client, err := cdp.StartWithURL(context.Background(), address, http.Header{})
		if err != nil {
			return nil, fmt.Errorf("browser: Chromium cannot be driven: %w", err)
		}
		b := rod.New().Client(client).NoDefaultDevice()
		if err := b.Connect(); err != nil {
			return nil, fmt.Errorf("browser: Chromium cannot be driven: %w", err)
		}
		return b, nil
	}
}

// sayings is what Chromium writes while it starts, its address among it. It goes on taking what comes and keeps no more of it.
type sayings struct {
	mu      sync.Mutex
	kept    bytes.Buffer
	address chan string
	told    bool
}

var addressLine = regexp.MustCompile(`DevTools listening on (ws://\S+)\s`)

func (s *sayings) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told {
		return len(p), nil
	}
	s.kept.Write(p)
	if found := addressLine.FindSubmatch(s.kept.Bytes()); found != nil {
		s.told = true
		s.address <- string(found[1])
	}
	return len(p), nil
}

func (s *sayings) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.String()
}
