package console

import (
	"twofold/pkg/access"
	"twofold/pkg/people"
)

// bothGet and bothPost add a page of an organisation and one of the vendor's own, which the same step makes.
func (d desk) bothGet(path string, step func(*visit) error) {
	d.get(path, step)
	d.vendorGet(path, step)
}

func (d desk) bothPost(path string, step func(*visit) error) {
	d.post(path, step)
	d.vendorPost(path, step)
}

// vendors reports whether it is a page of the vendor's own.
func (v *visit) vendors() bool { return v.home == access.VendorHome }

// cares reports whether the caller may change people and keys here, for what is offered.
func (v *visit) cares() bool {
	if v.vendors() {
		return v.may(people.VendorRule)
	}
	return v.may(people.KeysRule)
}
