package people

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// The refusals of what a vendor's application would reach.
var (
	ErrReach    = fault.New(fault.Unprocessable, "invalid_reach", "An application of the vendor's asks for named organisations or for all of them: say one of the two.")
	ErrUnknown  = fault.New(fault.Unprocessable, "unknown_organization", "There is no such organisation.")
	ErrAudience = fault.New(fault.Unprocessable, "invalid_audience", "An audience is an absolute https address or an URN, in its plain form.").At("audience")
	ErrWider    = fault.New(fault.Conflict, "step_up_required", "This gives the application more than it had: propose it at its changes and confirm with the mailed code.")
)

func (w *WantedApplication) checkReach() error {
	switch {
	case w.Everywhere && len(w.Organizations) > 0:
		return ErrReach.At("everywhere")
	case !w.Everywhere && len(w.Organizations) == 0:
		return ErrReach.At("organizations")
	case w.Audience == "":
		w.Audience = org.UsualAudience(w.ID)
	case !org.Audience(w.Audience):
		return ErrAudience
	}
	return nil
}

// reaching refuses organisations that there are not, but for those that the application reaches already.
func (s *Service) reaching(ctx context.Context, w WantedApplication, before org.Application) error {
	asked := beyond(sorted(w.Organizations), before.Organizations)
	if len(asked) == 0 || before.Organization != access.VendorHome {
		return nil
	}
	asked = slices.DeleteFunc(asked, func(id string) bool { return len(id) > org.MaxID })
	there, err := s.Store.KnownOrganizations(ctx, asked...)
	if err != nil {
		return fault.Down(err)
	}
	for at, id := range w.Organizations {
		if !slices.Contains(there, id) && !slices.Contains(before.Organizations, id) {
			return ErrUnknown.At("organizations[" + strconv.Itoa(at) + "]")
		}
	}
	return nil
}

// widened names what a vendor's application would have more than before; empty: nothing. An audience is more whatever it is: whoever
// verifies for that one would take what they refused.
func widened(next, before org.Application) string {
	switch {
	case next.Organization != access.VendorHome:
		return ""
	case next.Everywhere && !before.Everywhere:
		return "everywhere"
	case !before.Everywhere && len(beyond(next.Organizations, before.Organizations)) > 0:
		return "organizations"
	case next.Audience != before.Audience:
		return "audience"
	case len(beyond(next.ReturnAddresses, before.ReturnAddresses)) > 0:
		return "return_addresses"
	}
	return ""
}

// reshape writes an application's next state, and on the items of its keys what a request must know of it, with effect on the next.
func (s *Service) reshape(ctx context.Context, v visit, before, next org.Application, change Change) (org.Application, error) {
	next.Rev = before.Rev + 1
	if !sameReach(next, before) {
		keys, err := s.live(ctx, heldByApplication(before), v)
		if err != nil {
			return org.Application{}, err
		}
		next.Keys = idsOf(keys)
		for _, k := range keys {
			change.Altered = append(change.Altered, heldByApplication(next).give(k))
		}
	}
	change.Applications = []org.Application{next}
	return next, s.write(ctx, change)
}

func sameReach(a, b org.Application) bool {
	return slices.Equal(a.Organizations, b.Organizations) && a.Everywhere == b.Everywhere && a.Audience == b.Audience &&
		slices.Equal(a.ReturnAddresses, b.ReturnAddresses)
}

// applicationDifferences are what changes about an application, in words for the mail and the audit; its id is always there.
func applicationDifferences(next, before org.Application) map[string]string {
	told := map[string]string{"application": next.ID}
	if next.Name != before.Name {
		told["name"] = next.Name
	}
	if next.Everywhere != before.Everywhere {
		told["every_organization"] = strconv.FormatBool(before.Everywhere) + " → " + strconv.FormatBool(next.Everywhere)
	}
	if next.Audience != before.Audience {
		told["audience"] = strings.TrimPrefix(before.Audience+" → "+next.Audience, " → ")
	}
	tell(told, "organizations", next.Organizations, before.Organizations)
	tell(told, "return_addresses", next.ReturnAddresses, before.ReturnAddresses)
	return told
}

func tell(told map[string]string, name string, next, before []string) {
	if more := beyond(next, before); len(more) > 0 {
		told[name+"_added"] = strings.Join(more, ", ")
	}
	if less := beyond(before, next); len(less) > 0 {
		told[name+"_removed"] = strings.Join(less, ", ")
	}
}

// reachOf says in words what a key of the vendor's reaches.
func reachOf(k access.Key) string {
	if k.Everywhere {
		return "all"
	}
	return strings.Join(k.Organizations, ", ")
}

// beyond are those of a list that another has not.
func beyond(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// sorted is a list in order, each once.
func sorted(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
