package console

import "twofold/pkg/access"

// demand refuses a page that holds nothing but a form to whom the form is not offered; what the form does is the workflow's to judge.
func (v *visit) demand(r access.Rule) error {
	if !v.may(r) {
		return access.ErrPermission
	}
	return nil
}
