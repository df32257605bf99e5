package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"twofold/infra/local/qr"
)

// FolderVariable names the environment variable that says where pictures go.
const FolderVariable = "TWOFOLD_SCREENSHOTS"

// Folder is where pictures go: where FolderVariable says, else .build/screenshots. A picture replaces one of the same name; those of failed tests
// are in failed/.
func Folder() (string, error) {
	if folder := os.Getenv(FolderVariable); folder != "" {
		return folder, nil
	}
	return build("screenshots")
}

// Screenshot keeps a picture of the whole page as name.png, where the name may have slashes, and returns its path.
func (p *Page) Screenshot(name string) string {
	p.t.Helper()
	p.must(p.settled())
	path, err := p.picture(name)
	p.must(err)
	return path
}

func (p *Page) picture(name string) (string, error) {
	folder, err := Folder()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, filepath.FromSlash(name)+".png")
	var png []byte
	err = p.bounded(patience, func(_ context.Context, tab *rod.Page) error {
		png, err = capture(tab)
		return err
	})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	return path, nil
}

// front makes a tab the one that is looked at: Chromium does not draw those behind it, and a new size or a picture waits for what is drawn.
func front(tab *rod.Page) error { return proto.PageBringToFront{}.Call(tab) }

// capture is the whole page, not just what fits the window.
func capture(tab *rod.Page) ([]byte, error) {
	if err := front(tab); err != nil {
		return nil, err
	}
	is, err := proto.PageGetLayoutMetrics{}.Call(tab)
	if err != nil {
		return nil, err
	}
	size := is.CSSContentSize
	taken, err := proto.PageCaptureScreenshot{
		Format: proto.PageCaptureScreenshotFormatPng, CaptureBeyondViewport: true,
		Clip: &proto.PageViewport{Width: size.Width, Height: size.Height, Scale: 1},
	}.Call(tab)
	if err != nil {
		return nil, err
	}
	return taken.Data, nil
}

// QR is what the QR code says that the page shows, read from a picture of the page as a phone reads it from the screen.
func (p *Page) QR() string {
	p.t.Helper()
	said, err := p.qr()
	p.must(err)
	return said
}

func (p *Page) qr() (said string, err error) {
	err = p.look(func(tab *rod.Page) error {
		png, err := capture(tab)
		if err == nil {
			said, err = qr.Read(png)
		}
		return err
	})
	return said, err
}
