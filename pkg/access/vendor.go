package access

// VendorHome is the home of those who belong to no organisation: the system administrators, and the applications and readers of
// the vendor's own. It is no organisation's id.
const VendorHome = ""

// At reports whether the key's holder is at home there, in an organisation or in VendorHome. What a key reaches says nothing of it: a
// vendor's application that is limited to one organisation is not that organisation's, and a session of an impersonation is nobody's key.
func (k *Key) At(home string) bool {
	if home == VendorHome {
		return k.Vendor || k.Role == SystemAdministrator // the first keys were made without the mark
	}
	return !k.Vendor && !k.Everywhere && !k.Impersonates() && k.Reaches(home)
}

// Qualified names the key's holder so that no other has the same name: "<organisation>/<id>", and of the vendor's own "<id>". Ids alone
// are unique only within their home, and hold no slash.
func (k *Key) Qualified() string {
	switch {
	case k.Vendor:
		return k.Holder
	case len(k.Organizations) == 0:
		return "/" + k.Holder
	}
	return k.Organizations[0] + "/" + k.Holder
}

// Addressee is the audience of the assertions that are made for the key's holder.
func (k *Key) Addressee() string {
	if k.Audience != "" {
		return k.Audience
	}
	return k.Holder
}
