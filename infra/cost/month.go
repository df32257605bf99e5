package main

// part is one kind of item, with what one takes in the table: measured by TestStorageIsPricedAsMeasured.
type part struct {
	Item    string
	Bytes   float64
	HowMany float64 // a user has
	InTable bool    // recovery does not protect index entries (DynamoDB pricing, "Continuous backups")
}

// overhead is what DynamoDB adds to each item and index entry when it bills storage (developer guide, "Item sizes and
// formats").
const overhead = 100

var (
	perUser = []part{
		{"PROFILE", 850, 1, true},
		{"FACTORS", 350, 1, true},
		{"COUNTED", 120, 1, true},
		{"AUDIT", 350, 2, true}, // registered, enrolled
		{"LEAF", 220, 2, true},  // of AUDIT, and where to find it, in the log
		{"ENTRY", 120, 2, true},
		{"INDEX", 180, 8, false},
		{"ACTIVITY", 350, 2, false}, // the index entries of AUDIT
		{"ACTOR", 350, 2, false},
	}
	// A row of the sign-in log and its index entry, kept 90 days. Both were weighed by hand.
	signInItem, signInEntry = part{"SIGNIN", 225, 0, true}, part{"SIGNIN", 225, 0, false}

	deliveryItem = part{"DELIVERY", 220, 0, true} // kept 14 days, so as many as were mailed in that time
)

// Assumed of a month.
const (
	loginsAUser  = 20
	newUsers     = 0.05 // share of the users who enrol in it
	deliveryKept = 14.0 / 30
	signInsKept  = 90.0 / 30
	ticks        = 30 * 24 * 60 // template.yaml, rate(1 minute)
	signings     = 30 * 24 * 12 // template.yaml, rate(5 minutes)
	keyVersions  = 3            // from the third year on
	// Lambda asks a queue that is empty with five pollers, each for twenty seconds: the mailer's of what failed, and the projector's of calls.
	asked      = 2 // queues
	polls      = 5 * 3 * 60 * 24 * 30
	remembered = 0.75 // share of logins from a trusted device, where the policy remembers
)

func (p part) stored(n float64) (u use) {
	u[storedGB] = n * (p.Bytes + overhead) / gigabyte
	if p.InTable {
		u[protectedGB] = u[storedGB]
	}
	return u
}

// stored is what one user's items take.
func stored() (u use) {
	for _, p := range perUser {
		u = u.plus(p.stored(p.HowMany))
	}
	return u
}

// month is what a deployment uses: every login as given, a share of users new, everything kept.
func month(users float64, login use) use {
	u := login.times(users*loginsAUser).plus(enrolment.times(users*newUsers), stored().times(users), tick.uses().times(ticks),
		idleSigning.uses().times(signings))
	u[keyVersion], u[queueRequest] = keyVersions, asked*polls
	rows := users * loginsAUser * signInsKept
	return u.plus(deliveryItem.stored(u[mailSent]*deliveryKept), signInItem.stored(rows), signInEntry.stored(rows))
}
