package console

import (
	"errors"
	"slices"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/page"
)

const permissionField = "permissions"

// permissionWord is what a permission is called.
func (v *visit) permissionWord(p access.Permission) string {
	return v.say.Say("console.permission." + strings.ReplaceAll(string(p), ":", "_"))
}

// permissionWords are those of several, in the order of all.
func (v *visit) permissionWords(has []access.Permission) []string {
	var words []string
	for _, p := range access.Permissions() {
		if slices.Contains(has, p) {
			words = append(words, v.permissionWord(p))
		}
	}
	return words
}

// boxes are check boxes of permissions: those that the caller may give, and those that are ticked already, which may be taken.
func (v *visit) boxes(ticked []access.Permission) []page.Field {
	var boxes []page.Field
	for _, p := range access.Permissions() {
		has := slices.Contains(ticked, p)
		if !has && v.key.Grant([]access.Permission{p}) != nil {
			continue
		}
		word := strings.ReplaceAll(string(p), ":", "_")
		boxes = append(boxes, page.Field{
			Name: permissionField, ID: "permission-" + word, Value: string(p), Label: v.permissionWord(p), Hint: v.say.Say("console.permission." + word + ".hint"), Checked: has,
		})
	}
	return boxes
}

// ticked are the permissions whose boxes were ticked, in a form that was posted.
func (v *visit) ticked() []access.Permission {
	posted, _ := v.posted(permissionField)
	var all []access.Permission
	for _, p := range access.Permissions() {
		if slices.Contains(strings.Split(posted, "\n"), string(p)) {
			all = append(all, p)
		}
	}
	return all
}

// errLacking is access.ErrLack where a form mends it: another box is to be ticked.
var errLacking = fault.New(fault.Unprocessable, access.ErrLack.Code, access.ErrLack.Message).At(permissionField)

func mendable(err error) error {
	if errors.Is(err, access.ErrLack) {
		return errLacking
	}
	return err
}
