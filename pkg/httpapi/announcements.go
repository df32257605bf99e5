package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

type announcementShown struct {
	ID            string        `json:"id"`
	State         string        `json:"state" enum:"active,paused,cancelled,ended,superseded" doc:"superseded: another announcement has taken its place. ended: nothing is left to announce."`
	PolicyVersion int64         `json:"policy_version" doc:"Of the policy that it came with, or that stood when it was made by hand."`
	CreatedAt     time.Time     `json:"created_at"`
	CreatedBy     string        `json:"created_by" doc:"The administrator; of an impersonation <system administrator> for <administrator>."`
	ByHand        bool          `json:"by_hand" doc:"Made by an administrator without changing the policy."`
	Audience      string        `json:"audience" enum:"obliged,unenrolled,all" doc:"obliged: it came with a policy, and goes to who is without a second factor and must have one."`
	Message       string        `json:"message,omitempty" doc:"The administrator's own words."`
	Reminders     bool          `json:"reminders" doc:"Reminders follow, to each before the own grace ends."`
	Round         int           `json:"round" doc:"0: the announcement itself; from 1 on: reminders, a day apart."`
	RoundBeganAt  *time.Time    `json:"round_began_at,omitempty" doc:"Absent while no round is under way."`
	NextRoundAt   *time.Time    `json:"next_round_at,omitempty" doc:"Absent while a round is under way, and where there is none to come."`
	Progress      progressShown `json:"progress" doc:"Of the round under way, or of the last one."`
}

type progressShown struct {
	Total     int64 `json:"total" doc:"Users when the round began, a moment old: of the audience all every one, otherwise those without a second factor."`
	Seen      int64 `json:"seen" doc:"Of those, looked at so far. Not all of them are concerned: some are exempt, or have time still."`
	Sent      int64 `json:"sent" doc:"Handed over to the mail provider."`
	Failed    int64 `json:"failed" doc:"The provider will never take mail for them."`
	Unknown   int64 `json:"unknown" doc:"They may have been mailed, and are not mailed again: at most a batch of 50 for each time that the mailer died or an answer was lost."`
	Remaining int64 `json:"remaining" doc:"Left to be looked at or to be mailed, as far as is known."`
}

type announcementOutput struct{ Body announcementShown }

type announcementsOutput struct {
	Body struct {
		Announcements []announcementShown `json:"announcements" doc:"The latest 50, the latest first."`
	}
}

// AnnouncementPath is the part of a path that names an announcement.
type AnnouncementPath struct {
	OrganizationPath
	Announcement string `path:"announcement" pattern:"^[0-9a-f-]{1,64}$" doc:"The announcement's id."`
}

type announceInput struct {
	OrganizationPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Audience  string     `json:"audience,omitempty" enum:"unenrolled,all" doc:"unenrolled (default): who has no second factor when their turn comes."`
		At        *time.Time `json:"at,omitempty" doc:"When it begins, within 90 days; now where absent."`
		Message   string     `json:"message,omitempty" maxLength:"300" doc:"Your own words, in one line, shown as yours. No links, addresses or names of hosts: the mail says that it has none."`
		Reminders bool       `json:"reminders,omitempty" doc:"Remind each before the own grace ends. Only where the policy forces, and no announcement under way reminds already."`
	}
}

type changeAnnouncementInput struct {
	AnnouncementPath
	Body struct {
		State string `json:"state" enum:"active,paused,cancelled"`
	}
}

func registerAnnouncements(api *API, s *policy.Service) {
	const all = "/v1/organizations/{organization}/announcements"
	Register(api, Operation{
		ID: "list-announcements", Method: http.MethodGet, Path: all, Rule: policy.ReadAnnouncementsRule,
		Summary: "What was announced to the users, and how far it has come",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*announcementsOutput, error) {
		found, err := s.Announcements(ctx, c, in.Organization)
		out := &announcementsOutput{}
		out.Body.Announcements = each(found, showAnnouncement)
		return out, err
	})
	Register(api, Operation{
		ID: "create-announcement", Method: http.MethodPost, Path: all, Rule: policy.AnnounceRule, Success: http.StatusCreated,
		Summary: "Send set-up instructions to users, now or at a date",
		Description: "Beside what a policy that begins to force announces itself. Whom it is for is judged when their turn comes: what is said depends on whether the user must, may, or has done so already. Who opted out of announcements gets none. " +
			"One made by hand is under way at a time, and three are made in a day; all administrators are told of each. With an `Idempotency-Key` a retry is answered with what the first one made.",
		Problems: []string{"invalid_announcement", "nothing_to_announce", "announcement_under_way", "too_many_announcements", "idempotency_key_reused", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *announceInput) (*announcementOutput, error) {
		a, err := s.Announce(ctx, c, in.Organization, in.announcing())
		return &announcementOutput{Body: showAnnouncement(a)}, err
	})
	Register(api, Operation{
		ID: "get-announcement", Method: http.MethodGet, Path: all + "/{announcement}", Rule: policy.ReadAnnouncementsRule,
		Summary: "One announcement, with its progress",
	}, func(ctx context.Context, c access.Caller, in *AnnouncementPath) (*announcementOutput, error) {
		a, err := s.Announcement(ctx, c, in.Organization, in.Announcement)
		return &announcementOutput{Body: showAnnouncement(a)}, err
	})
	Register(api, Operation{
		ID: "change-announcement", Method: http.MethodPatch, Path: all + "/{announcement}", Rule: policy.AnnounceRule,
		Summary:     "Pause an announcement, go on with it, or cancel it",
		Description: "At most the batch of 50 that is under way is still sent. What was cancelled, or has ended, stays so. Saying what stands already changes nothing.",
		Problems:    []string{"announcement_state", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *changeAnnouncementInput) (*announcementOutput, error) {
		a, err := s.ChangeAnnouncement(ctx, c, in.Organization, in.Announcement, org.AnnouncementState(in.Body.State))
		return &announcementOutput{Body: showAnnouncement(a)}, err
	})
}

func (in announceInput) announcing() policy.Announcing {
	b := in.Body
	a := policy.Announcing{
		To: org.Addressees(cmp.Or(b.Audience, string(org.ToUnenrolled))), Message: b.Message, Reminders: b.Reminders, IdempotencyKey: string(in.Key),
	}
	if b.At != nil {
		a.At = b.At.UTC().Truncate(time.Microsecond)
	}
	return a
}

func showAnnouncement(a org.Announcement) announcementShown {
	shown := announcementShown{
		ID: a.ID, State: string(a.State), PolicyVersion: a.PolicyVersion, CreatedAt: a.CreatedAt.UTC().Truncate(time.Second),
		CreatedBy: a.CreatedBy, ByHand: a.ByHand != nil, Audience: "obliged", Reminders: a.Reminds(), Round: a.Round, RoundBeganAt: moment(a.RoundAt),
		Progress: progressShown{
			Total: a.Progress.Total, Seen: a.Progress.Seen, Sent: a.Progress.Sent, Failed: a.Progress.Failed, Unknown: a.Progress.Unknown,
			Remaining: a.Remaining(),
		},
	}
	if a.ByHand != nil {
		shown.Audience, shown.Message = string(a.ByHand.To), a.ByHand.Message
	}
	if a.RoundAt.IsZero() && a.Open() {
		shown.NextRoundAt = moment(a.Due)
	}
	return shown
}
