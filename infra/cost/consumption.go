package main

// use is what something consumes, by meter.
type use [meters]float64

func (u use) plus(others ...use) use {
	for _, other := range others {
		for m, n := range other {
			u[m] += n
		}
	}
	return u
}

func (u use) times(n float64) use {
	for m := range u {
		u[m] *= n
	}
	return u
}

// cost is what it costs if it is all that a month sees.
func (u use) cost() (sum float64) {
	for m, n := range u {
		sum += prices[m].cost(n)
	}
	return sum
}

// What was not measured on AWS is assumed here; docs/cost.md says why, and what it changes.
const (
	memoryGB    = 0.25 // template.yaml, MemorySize
	coldShare   = 0.01 // of invocations start an instance
	coldMS      = 400  // billed like the rest (Lambda pricing: initialization code too)
	coldKeys    = 4    // Decrypts and keysets read, one a purpose: verify has three; enroll, which starts seldom, five
	answerBytes = 2000 // with headers and TLS
	mailBytes   = 4000 // both parts, headers, DKIM
	requestLog  = 1000 // bytes: access log line, Lambda's own start and report (its level INFO)
	recordLog   = 700  // bytes: the last two
	logMonths   = 3    // template.yaml, LogRetentionDays
	gigabyte    = 1e9
)

// operation is one call of the API or one record of the stream. Requests and units are counted by tests in pkg/dynamo,
// TestRequestsOfALogin and TestLargestFactorsCostOneWriteUnit, or stand in its catalogue. BatchGetItem is charged for
// each item, a transaction twice for each, and index entries apart (DynamoDB developer guide, "read and write
// operations"). Lambda reads the stream for nothing (DynamoDB pricing, "Streams"), and what a filter drops invokes
// nothing.
type operation struct {
	Name          string
	API           bool
	Milliseconds  float64 // billed, assumed
	Reads, Writes float64
	Mails         float64
	InEnrolment   float64
}

var (
	begin  = operation{"`POST /v1/logins`", true, 25, 4, 0, 0, 0}
	order  = operation{"`POST /v1/logins/codes`", true, 35, 4, 1, 0, 0}
	answer = operation{"`POST /v1/logins/answers`", true, 40, 4, 1, 0, 0}
	// The delivery and two counts in one transaction (2 each), and the mark.
	deliver = operation{"a code mailed by the mailer", false, 150, 4, 7, 1, 2}
	// Factors, device and event (2 each), the event's two index entries; the fifth read asks which devices there are.
	trust = operation{"`POST /v1/logins/answers`, trusting the browser", true, 50, 5, 8, 0, 0}
	// The profile (2) with its eight index entries and the event (2) with its two.
	register = operation{"`POST /v1/logins`, registering", true, 40, 4, 14, 0, 1}
	step     = operation{"`POST /v1/enrollments`, and an answer", true, 40, 4, 1, 0, 5}
	// Factors, profile and event (2 each); three index entries moved, which is two writes each, and the event's two.
	complete = operation{"the answer that completes", true, 60, 4, 14, 0, 1}
	// To the login address and to the recovery address, each counted by its kind alone (a grave one) or by kind and together.
	notice = operation{"a notice of the mailer", false, 250, 4, 14, 2, 1}
	// The user, the organisation's counts, its day and the system's (2 each), and half the time the day of the registration.
	count = operation{"a profile counted by the projector", false, 30, 1, 9, 0, 2}
	// The row and its index entry; and as the first of its day the profile and two index entries moved.
	record = operation{"a right code recorded by the projector, the first of its day", false, 30, 0, 7, 0, 3}
	// The redirect reads nothing; whose name and logo stand on a page is read once a minute; answering reads again for the return code.
	enter    = operation{"the hosted prompt is entered", true, 10, 0, 0, 0, 0}
	page     = operation{"its page", true, 30, 4, 0, 0, 0}
	submit   = operation{"its form, and the way back", true, 50, 8, 1, 0, 0}
	exchange = operation{"`POST /v1/logins/exchanges`", true, 40, 4, 1, 0, 0}
	// A consistent query that finds nothing is one read unit.
	tick = operation{"a minute's tick of the mailer, with nothing to announce", false, 10, 1, 0, 0, 0}
	// Leaf, entry and head (2 each), and that the log waits (2); one that comes beside others shares the last two with them.
	appending = operation{"an event appended to the audit's log by the projector", false, 30, 2, 8, 0, 2}
	// The head, the latest checkpoint and a dozen leaves; head, checkpoint, and that the log waits no more (2 each).
	signing = operation{"a checkpoint of a log of thousands of events", false, 60, 14, 6, 0, 0}
	// Which logs wait, and which organisations keep less than all.
	idleSigning = operation{"a tick of the projector, with nothing to sign or remove", false, 15, 2, 0, 0, 0}
)

var operations = []operation{begin, order, answer, trust, deliver, register, step, complete, notice, count, record, enter, page, submit, exchange, tick, appending, signing, idleSigning}

// uses is what one of it consumes, its share of cold starts included.
func (o operation) uses() use {
	return o.warm().plus(starting.times(coldShare))
}

// starting is what an instance consumes before it answers.
var starting = use{gigabyteSecond: coldMS / 1000.0 * memoryGB, readUnit: coldKeys, keyRequest: coldKeys}

func (o operation) warm() (u use) {
	u[invocation] = 1
	u[gigabyteSecond] = o.Milliseconds / 1000 * memoryGB
	u[readUnit], u[writeUnit], u[mailSent] = o.Reads, o.Writes, o.Mails
	logged := recordLog / gigabyte
	u[sentGB] = o.Mails * mailBytes / gigabyte
	if o.API {
		u[apiRequest] = 1
		u[sentGB] += answerBytes / gigabyte
		logged = requestLog / gigabyte
	}
	u[loggedGB], u[keptLogGB] = logged, logged*logMonths
	return u
}

var (
	loginTOTP = begin.uses().plus(answer.uses(), record.uses())
	// Without stylesheet and script, which a browser fetches once.
	loginHosted = begin.uses().plus(enter.uses(), page.uses(), submit.uses(), exchange.uses(), record.uses())
	loginMail   = begin.uses().plus(order.uses(), deliver.uses(), answer.uses(), record.uses())
	// A fifth item read, and a write at the first use each day, here at every one (TestRequestsOfADevice).
	loginDevice = operation{"", true, 35, 5, 1, 0, 0}.uses()
	loginTrust  = begin.uses().plus(trust.uses(), notice.uses(), record.uses())
	enrolment   = enrols()
)

// enrols is a whole enrolment with TOTP and a recovery address other than the login's.
func enrols() (u use) {
	for _, o := range operations {
		u = u.plus(o.uses().times(o.InEnrolment))
	}
	return u
}
