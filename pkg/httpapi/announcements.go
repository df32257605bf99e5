package httpapi

import (
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
	PolicyVersion int64         `json:"policy_version" doc:"Of the policy that it came with."`
	CreatedAt     time.Time     `json:"created_at"`
	CreatedBy     string        `json:"created_by" doc:"The administrator; of an impersonation <system administrator> for <administrator>."`
	Round         int           `json:"round" doc:"0: the announcement itself; from 1 on: reminders, a day apart."`
	RoundBeganAt  *time.Time    `json:"round_began_at,omitempty" doc:"Absent while no round is under way."`
	NextRoundAt   *time.Time    `json:"next_round_at,omitempty" doc:"Absent while a round is under way, and where there is none to come."`
	Progress      progressShown `json:"progress" doc:"Of the round under way, or of the last one."`
}

type progressShown struct {
	Total     int64 `json:"total" doc:"Users without a second factor when the round began, a moment old."`
	Seen      int64 `json:"seen" doc:"Of those, looked at so far. Not all of them are concerned: some are exempt, or have time still."`
	Sent      int64 `json:"sent" doc:"Handed over to the mail provider."`
	Failed    int64 `json:"failed" doc:"The provider will never take mail for them."`
	Unknown   int64 `json:"unknown" doc:"They may have been mailed, and are not mailed again."`
	Remaining int64 `json:"remaining" doc:"Left to be looked at, as far as is known."`
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

func showAnnouncement(a org.Announcement) announcementShown {
	shown := announcementShown{
		ID: a.ID, State: string(a.State), PolicyVersion: a.PolicyVersion, CreatedAt: a.CreatedAt.UTC().Truncate(time.Second),
		CreatedBy: a.CreatedBy, Round: a.Round, RoundBeganAt: moment(a.RoundAt),
		Progress: progressShown{
			Total: a.Progress.Total, Seen: a.Progress.Seen, Sent: a.Progress.Sent, Failed: a.Progress.Failed, Unknown: a.Progress.Unknown,
			Remaining: a.Progress.Remaining(),
		},
	}
	if a.RoundAt.IsZero() && (a.State == org.Announcing || a.State == org.AnnouncementPaused) {
		shown.NextRoundAt = moment(a.Due)
	}
	return shown
}
