package browser

// Weight is how many bytes came over the wire since the last navigation began, without images: as they were compressed, headers and redirects included. What this
// browser had from earlier pages came not again; so let a new one open the page whose weight is wanted.
func (p *Page) Weight() int {
	p.t.Helper()
	p.must(p.settled())
	p.record.mu.Lock()
	defer p.record.mu.Unlock()
	return int(p.record.weight)
}
