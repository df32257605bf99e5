package report

import (
	"fmt"
	"slices"
	"strings"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Filter is which users a report shows: those for whom all of it holds. The zero value shows all.
type Filter struct {
	Statuses []Status   // one of them
	Method   org.Method // among the user's
	Default  org.Method // the user's default
	// TwoFactor is whether the user is enrolled; nil: either.
	TwoFactor *bool
	// UserPrefix and EmailPrefix are what id and address begin with; an address in any case.
	UserPrefix  string
	EmailPrefix string
	// EnrolledFrom and EnrolledBefore are days (UTC), the first one included and the second not. Who is not enrolled is in no such time.
	EnrolledFrom   user.Day
	EnrolledBefore user.Day
	// VerifiedFrom and VerifiedBefore likewise. Who never verified did not since whatever day.
	VerifiedFrom   user.Day
	VerifiedBefore user.Day
}

// Shows judges a row.
func (f Filter) Shows(r Row) bool {
	enrolled := user.On(r.EnrolledAt)
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) &&
		(f.Method == "" || slices.Contains(r.Methods, f.Method)) &&
		(f.Default == "" || len(r.Methods) > 0 && r.Methods[0] == f.Default) &&
		(f.TwoFactor == nil || *f.TwoFactor == (enrolled != "")) &&
		strings.HasPrefix(r.User, f.UserPrefix) &&
		strings.HasPrefix(strings.ToLower(r.Email), strings.ToLower(f.EmailPrefix)) &&
		within(enrolled, f.EnrolledFrom, f.EnrolledBefore) && (enrolled != "" || f.EnrolledBefore == "") &&
		within(r.VerifiedOn, f.VerifiedFrom, f.VerifiedBefore)
}

func within(day, from, before user.Day) bool { return day >= from && (before == "" || day < before) }

// Span is the part of an order that a filter leaves: the rest need not be read.
func (f Filter) Span(by Sort) Span {
	switch by {
	case ByUser:
		return beginning(f.UserPrefix)
	case ByEmail:
		return beginning(strings.ToLower(f.EmailPrefix))
	case ByMethod:
		if f.Default != "" {
			return beginning(string(f.Default) + "#")
		}
	case ByTwoFactor, ByEnrolled:
		if f.EnrolledFrom != "" || f.EnrolledBefore != "" {
			return days(With, f.EnrolledFrom, f.EnrolledBefore)
		}
		if f.TwoFactor != nil && *f.TwoFactor {
			return beginning(With)
		}
		if f.TwoFactor != nil {
			return beginning(Without)
		}
	case ByVerified:
		if f.VerifiedFrom != "" {
			return days(With, f.VerifiedFrom, f.VerifiedBefore)
		}
		return days("", "", f.VerifiedBefore)
	}
	return Span{}
}

// days is the span of the values of days. Times begin with their day.
func days(first string, from, before user.Day) Span {
	span := beginning(first)
	if from != "" {
		span.From = With + string(from)
	}
	if before != "" {
		span.To = With + string(before)
	}
	return span
}

// text is the filter in one form, for cursors.
func (f Filter) text() string {
	if f.empty() {
		return ""
	}
	two := ""
	if f.TwoFactor != nil {
		two = fmt.Sprint(*f.TwoFactor)
	}
	return fmt.Sprintf("%q", []string{
		fmt.Sprintf("%q", slices.Sorted(slices.Values(f.Statuses))), string(f.Method), string(f.Default), two, f.UserPrefix, f.EmailPrefix,
		string(f.EnrolledFrom), string(f.EnrolledBefore), string(f.VerifiedFrom), string(f.VerifiedBefore),
	})
}

func (f Filter) empty() bool {
	return len(f.Statuses) == 0 && f.Method == "" && f.Default == "" && f.TwoFactor == nil && f.UserPrefix == "" && f.EmailPrefix == "" &&
		f.EnrolledFrom == "" && f.EnrolledBefore == "" && f.VerifiedFrom == "" && f.VerifiedBefore == ""
}

var errDay = fault.New(fault.Unprocessable, "invalid_query", "This is no day.")

// check refuses days that there are not.
func (f Filter) check() error {
	for field, day := range map[string]user.Day{
		"enrolled_from": f.EnrolledFrom, "enrolled_before": f.EnrolledBefore, "verified_from": f.VerifiedFrom, "verified_before": f.VerifiedBefore,
	} {
		if _, ok := day.End(); day != "" && !ok {
			return errDay.At("query." + field)
		}
	}
	return nil
}
