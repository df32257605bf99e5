package browser

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-rod/rod/lib/proto"
)

// record is what Chromium tells of one tab, in the order in which it happened.
type record struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change

	frame     proto.PageFrameID // the tab's own, not one of a page within the page
	asked     bool              // a navigation was asked for and has not begun
	loading   bool
	documents int // how many navigations there were
	mark      int
	open      map[proto.NetworkRequestID]string // what is on its way, by address
	kinds     map[proto.NetworkRequestID]proto.NetworkResourceType
	weight    float64 // bytes since the last navigation, without images
	document  map[proto.NetworkRequestID]bool
	faults    []string
}

func newRecord(frame proto.PageFrameID) *record {
	return &record{
		changed: make(chan struct{}), frame: frame, open: map[proto.NetworkRequestID]string{},
		kinds: map[proto.NetworkRequestID]proto.NetworkResourceType{}, document: map[proto.NetworkRequestID]bool{},
	}
}

// note makes a change and wakes who waits for one.
func (r *record) note(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
	close(r.changed)
	r.changed = make(chan struct{})
}

// until waits for a state.
func (r *record) until(ctx context.Context, holds func() bool) error {
	for {
		r.mu.Lock()
		done, changed := holds(), r.changed
		r.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// resting: nothing loads. The caller holds the lock.
func (r *record) resting() bool { return !r.asked && !r.loading && len(r.open) == 0 }

// beginning is how long a navigation that was asked for may take to begin. One that the page's own policy forbids never does.
const beginning = 2 * time.Second

// rest waits until nothing loads.
func (r *record) rest(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, beginning)
	err := r.until(soon, func() bool { return !r.asked || r.loading })
	cancel()
	if err != nil && ctx.Err() == nil {
		r.note(func() { r.asked = false })
	}
	if err := r.until(ctx, r.resting); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return fmt.Errorf("the page does not come to rest; on their way: %s", strings.Join(slices.Sorted(maps.Values(r.open)), ", "))
	}
	return nil
}

func (r *record) requested(e *proto.PageFrameRequestedNavigation) {
	if e.FrameID == r.frame {
		r.note(func() { r.asked = true })
	}
}

func (r *record) started(e *proto.PageFrameStartedLoading) {
	if e.FrameID == r.frame {
		r.note(func() { r.asked, r.loading = false, true; r.documents++ })
	}
}

func (r *record) stopped(e *proto.PageFrameStoppedLoading) {
	if e.FrameID == r.frame {
		r.note(func() { r.loading = false })
	}
}

// sent begins a request. A new document begins the weight anew, its redirects included.
func (r *record) sent(e *proto.NetworkRequestWillBeSent) {
	r.note(func() {
		document := e.Type == proto.NetworkResourceTypeDocument && e.FrameID == r.frame
		switch {
		case e.RedirectResponse != nil:
			r.weight += e.RedirectResponse.EncodedDataLength
		case document:
			r.weight = 0
			clear(r.open)
		}
		if document {
			r.document[e.RequestID] = true
		}
		r.kinds[e.RequestID] = e.Type
		if own(e.Request.URL) {
			r.kinds[e.RequestID] = proto.NetworkResourceTypeImage
		}
		if e.Type != proto.NetworkResourceTypeEventSource && e.Type != proto.NetworkResourceTypePing {
			r.open[e.RequestID] = e.Request.URL
		}
	})
}

// own reports whether a request is the browser's own: it looks for an icon whether or not the page has one.
func own(url string) bool { return strings.HasSuffix(url, "/favicon.ico") }

// received: an icon that the page names comes as nothing in particular, and is an image all the same.
func (r *record) received(e *proto.NetworkResponseReceived) {
	if strings.HasPrefix(e.Response.MIMEType, "image/") {
		r.note(func() { r.kinds[e.RequestID] = proto.NetworkResourceTypeImage })
	}
}

func (r *record) finished(e *proto.NetworkLoadingFinished) {
	r.note(func() {
		delete(r.open, e.RequestID)
		if r.kinds[e.RequestID] != proto.NetworkResourceTypeImage {
			r.weight += e.EncodedDataLength
		}
	})
}

func (r *record) failed(e *proto.NetworkLoadingFailed) {
	r.note(func() { delete(r.open, e.RequestID) })
}
