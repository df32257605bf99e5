package browser

import (
	"context"
	"fmt"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Fits makes the window as narrow as a telephone of that many CSS pixels and back again. Nothing may scroll sideways meanwhile (WCAG 2.2, 1.4.10) but what
// holds a table, inside itself.
func (p *Page) Fits(width int) {
	p.t.Helper()
	p.must(p.fits(width))
}

func (p *Page) fits(width int) error {
	return p.bounded(patience, func(ctx context.Context, tab *rod.Page) (err error) {
		if err := front(tab); err != nil {
			return err
		}
		narrow := proto.EmulationSetDeviceMetricsOverride{Width: width, Height: 640, DeviceScaleFactor: 1, Mobile: true}
		if err := narrow.Call(tab); err != nil {
			return err
		}
		defer func() {
			wide := proto.EmulationSetDeviceMetricsOverride{Width: p.b.width, Height: p.b.height, DeviceScaleFactor: 1}
			if restored := wide.Call(tab); err == nil {
				err = restored
			}
		}()
		if err := p.settle(ctx, tab); err != nil {
			return err
		}
		wide, err := tab.Evaluate(rod.Eval(tooWide, width))
		if err != nil {
			return err
		}
		if what := wide.Value.Str(); what != "" {
			return fmt.Errorf("at %d px the page scrolls sideways: %s", width, what)
		}
		return nil
	})
}

// tooWide names what makes a page scroll sideways. Without a viewport in its head, a page is laid out for a desk and made small.
const tooWide = `width => {
  const page = document.documentElement;
  if (page.clientWidth > width) return "it is laid out for " + page.clientWidth + " px: has it a meta element for the viewport?";
  const name = e => e.outerHTML.slice(0, 120);
  const all = [...document.body.querySelectorAll("*")].filter(e => e.checkVisibility());
  const scrolls = e => e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && !e.querySelector("table");
  const inner = all.filter(scrolls).map(name);
  if (page.scrollWidth <= width) return inner.join("; ");
  const wide = all.filter(e => e.getBoundingClientRect().right > width + 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0);
  const innermost = wide.filter(e => !wide.some(other => other !== e && e.contains(other)));
  return "it is " + page.scrollWidth + " px wide: " + innermost.slice(0, 5).map(name).join("; ");
}`
