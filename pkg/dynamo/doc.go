// Package dynamo keeps everything in one DynamoDB table. It implements the store interfaces of the workflows and
// reads what the table's stream tells the mailer and the projector. It may not judge: no rule of a workflow stands
// here, and what is secret arrives sealed. It may not import another adapter.
//
// # Items
//
// The table's keys are pk and sk, strings. Organisation ids match [A-Za-z0-9._-]{1,48} and so hold no '#'; ids
// that may hold anything (users, administrators, applications) stand last.
//
//	pk                    sk                      what it is
//	KEY#<id>              KEY                     API key: digest, role, holder, name, organizations, permissions, scope, times;
//	                                              vendor and audience, where the holder is the vendor's own;
//	                                              last_used_at is written by whoever uses it, to the hour. A session of an
//	                                              impersonation too: impersonated_by, parent (a key's id), reason, ttl; and
//	                                              one of the console: console, ttl
//	ORG#<org>             ORG                     organisation: rev, name, entitlements, the policy that stands, the latest announcement,
//	                                              which trusted devices it still remembers (memory_version, memory_since), and from when on
//	                                              there are logs, whatever a longer retention says (audit_since, sign_ins_since)
//	ORG#<org>             POLICY#<version>        one version of its policy, ten digits
//	ORG#<org>             ADMIN#<id>              administrator: rev, name, email, permissions, the ids of the keys, the
//	                                              latest invitation, an address that waits, the user that the
//	                                              administrator also is; without an organisation: a system administrator
//	ORG#<org>             APP#<id>                application: rev, name, the ids of the keys, return addresses;
//	                                              without an organisation the vendor's own: organizations or
//	                                              everywhere, audience
//	ORG#<org>             ROSTER                  rev, the ids of the administrators who can change the policy;
//	                                              without an organisation: of the system administrators, from
//	                                              the first who joins or leaves
//	ORG#<org>             READER#<id>             reader: rev, the ids of the keys; without an organisation the vendor's own
//	ORG#<org>             CHANGE#<administrator>  the docket: what that administrator has proposed, and whose authenticator
//	                                              confirmed it; failures and mails stay counted
//	ARRIVAL#<digest>      ARRIVAL                 somebody who says to be an administrator at the console, whether there is one or not: rev, organization, administrator,
//	                                              failures, mails, codes that are live, ttl; the digest is of organisation, address and browser
//	ORG#<org>             SENDER                  the domain that its mail comes from: rev, state, since when it is lost
//	ORG#<org>             BRANDING                how its mail looks and reads, and pages look: rev, name, language, color, logo (bytes, type, width, height), texts of its own
//	DOMAIN#<domain>       DOMAIN                  whose a domain is; a released one stays, see org.DomainClaim
//	ORG#<org>             ANNOUNCEMENT#<id>       announcement: rev, state, when it is due, round, claim, who is left, progress, and of one made by hand
//	                                              audience, message, reminders, retry; ids are in order of time
//	ANNOUNCING            <due>#<org>#<id>        that an announcement is live, of all organisations in the order in which they are due
//	USER#<org>#<user>     PROFILE                 registration, language, enforcement and grace (what, until, by, at, why), sealed recovery email and the one that
//	                                              waits, names of authenticators, since when no announcements, marks of addresses that mail comes back from
//	                                              ("<whose>#<why>#<time>#<address or digest>"), facts for reports; verified_on (a day), codes_generation and codes_left,
//	                                              which the projector writes and no change of a profile: they are taken from FACTORS, and leave rev alone; of a user who was deleted a
//	                                              tombstone: rev, deleted_at
//	USER#<org>#<user>     FACTORS                 all that a verification races on; see below
//	USER#<org>#<user>     COUNTED                 the class that the counts hold the user in, and of which revision; gone: in none, deleted
//	USER#<org>#<user>     APPPASSWORDS            all app passwords of a user, at most 25: rev, and each packed as the elements of the factors are, with
//	                                              id, service, name, way, epoch, digest, sealed password, times, and the id of the success that made it
//	USER#<org>#<user>     APPLIMIT#<digest>       what failed at them from one source: rev, source, failures in a row and within a day, locked until
//	                                              (as in the factors), marks of the latest wrong ones, ttl; the sort key has a digest of the source
//	USER#<org>#<user>     DEVICE#<id>             trusted device: rev, application, epoch, policy_version, way, name, agent, address, times,
//	                                              digests of the secret that is good and of the one before, ttl; at most ten a user
//	USER#<org>#<user>     NOTICE#<event id>       an event as in the audit, and sealed the addresses to tell of it, where nothing else
//	                                              names them any more; deliver, ttl
//	AUDIT#<org>           <time>#<event id>       one audit event; without an organisation: the system's own log
//	LOG#<org>             HEAD                    the Merkle log of an audit, without an organisation the system's own: rev, size, size of the latest
//	                                              checkpoint, roots of the perfect trees that it consists of
//	LOG#<org>             LEAF#<index>            twelve digits: where the event stands, the leaf's hash, the roots of the perfect trees that it completes; every
//	                                              node of the tree stands in the last leaf below it
//	LOG#<org>             EVENT#<event id>#<time> that the event is in the log, and its leaf
//	LOG#<org>             CHECKPOINT#<size>       twelve digits: the signed note, the keys that verify it, when
//	LOG#<org>             SUBSCRIPTION#<to>       how far a destination ("webhook", "bus") has got in the log: rev, the leaf that goes out next, who delivers
//	                                              until when, tries in vain; of a webhook the host, sealed URL and secrets
//	CHECKPOINTING         LOG#<org>               that the log has leaves that no checkpoint covers
//	SHEDDING              <org>                   that the policy keeps logs for less long than can be, or once did; it stays
//	COUNTS#<shard>        <org>                   users by class, as_of, and made_at, which the organisation was made with; see below. While they are made anew recounting, until when, and recounted_by
//	DAYS#<org>            <day>                   by how much a day changed the numbers: users, enrolled; and by class (w:…) how many who registered on it
//	                                              have no second factor yet
//	DAYS##<shard>         <day>                   by how much a day changed the numbers of all organisations of a shard
//	DELIVERY#<id>         DELIVERY                one mail or SMS to one recipient, by delivery.ID: state, claimed_at, ended_at, attempt, ttl, and that it
//	                                              is counted
//	SPENT#<time>#<what>   SPENT                   how many messages count against a limit: n, ttl. Of a day and SMS what is number#<digest>,
//	                                              number#<digest>#<org>, prefix#<block>, prefix#<block>#<org> or organization#<org>; of an hour and codes by mail
//	                                              reserved#<digest>#<org>, mailbox#<digest>#<org>, mailbox#<digest> or mail#<shard>#<org>; of a day and notices
//	                                              notice#<digest>#<kind>#<org> or notices#<digest>#<org>; of the day on which a round of an announcement began
//	                                              <round>#<digest>
//	SIGNIN#<org>          <time>#<id>             one code that was judged: user, outcome, why, way, purpose, address, locked_until, ttl; the id is of the
//	                                              write that judged it, see signin.IDOf
//	PATTERN#<hour>#<pattern>#<subject>#<org>
//	                      PATTERN                 how many codes were wrong within an hour (n), which buckets their users are in (numbers), and the id of the
//	                                              event that was raised (event), ttl
//	KEYSET#<purpose>      KEYSET                  a keyset, wrapped by KMS
//	BOOTSTRAP             BOOTSTRAP               that the first key was made, and which; infra/bootstrap's own
//
// An attribute of COUNTS is n:<methods>:<enforcement>:<suspended>, and for a class with any of these facts besides
// :<last day of the exemption>:<last day of the extended grace>:<no saved codes left>:<services>; what an earlier version
// counted stays readable. A class of a day is removed when nobody is in it any more, so the item does not grow with time;
// nor does it with users. Services that nobody foresaw are counted as one.
//
// Times are text, RFC 3339 in UTC with six digits of microseconds, so that they sort; what is finer is cut off.
// Attributes are readable and absent where empty. An item that cannot be decoded is an error, never a zero value.
//
// `deliver` on FACTORS (a challenge's id, where there is room with from where it was asked, see origin.go, "saved-codes", or "locked" and the browser's address), CHANGE (a change's id), ADMIN (an invitation's id), ARRIVAL (a code's id), AUDIT and NOTICE ("notice") asks
// the mailer for a mail; the write that sets it is the intent. `ttl` (epoch seconds; a DELIVERY, and a session that has ended, of an impersonation or the console: 14 days; a DEVICE: its own end; a NOTICE: a day; an APPLIMIT: a day after the last failure; a SIGNIN: 90 days; an ARRIVAL: a day and ten minutes after the last write; a PATTERN: 15 days; a SPENT: a day after its own, or an hour, or 14 days after a round's last) lets DynamoDB tidy up;
// nothing is judged by it. `attempt` is the id of the write that made an item what it is.
//
// # Factors
//
// The largest item, with a user id of 128 bytes, one TOTP authenticator, ten recovery codes, three open challenges
// and 30 failures, must cost one write unit: 1,024 bytes. So its attributes are short and packed. Readable are rev,
// epoch, attempt, deliver; the others:
//
//	n  failures in a row (number)       a  authenticators (list of binaries)
//	f  failures within a day (times)    c  challenges under way (list of binaries)
//	l  locked until (one time)          s  the last successes (list of binaries)
//	m  mails sent lately (times)        e  the enrolment under way (binary)
//	t  the code that the write judged   r  recovery codes: generation, key id, bitmap of use (binary)
//
// Every binary begins with a version byte, 1; elements.go has the layouts, words.go the words that are packed shorter. Times are four bytes of seconds. What
// limits (failures, mails sent, locked until) is raised to the next full second, what grants or only
// records (expiry, creation, success) is cut: no limit ends early and nothing lives longer than it was given.
//
// # Indexes
//
// PROFILE alone, unless it is a tombstone, stands in the orders of reports. They hold keys and nothing else, decide nothing and are a moment behind; what a
// row says is read from the table.
//
//	byUser, byEmail, byMethod, byEnrolled, byVerified    by r_org, and r_user, r_email (<lower-case email>#<user>), r_method (<default method>#<user>),
//	                                                     r_enrolled (0#<user>, or 1#<time>#<user>), r_verified (0#<user>, or 1#<day>#<user>)
//	everyUser, everyEnrolled, everyVerified              by s_shard, 0 to 7, and s_user, s_enrolled, s_verified: the same, and behind them #<org>
//
// A page of everybody merges the shards. r_verified and s_verified are begun by the first write of a profile and otherwise written by AddFacts alone.
//
// AUDIT stands in activity, by a_user (<org>#<user>) and its own sk, where it is about a user; and in byActor, by a_actor (<org>#<actor>) and its own sk. SIGNIN
// stands in activity by a_user (!<org>#<user>).
//
// # Access patterns
//
//	call                               requests                                        units, items up to 4 KB or 1 KB
//	Read                               1 BatchGetItem, consistent                      4 read, 1 more in an impersonation
//	ReadWithDevice                     1 BatchGetItem, consistent                      5 read, 1 more in an impersonation
//	ReadWithAppPasswords               1 BatchGetItem, consistent                      5 read, 6 with a source; 1 more where there are more than 4 KB
//	ReadWithDelivery                   1 BatchGetItem, consistent                      5 read, 1 more in an impersonation
//	Devices                            1 Query, consistent                             1 read for 4 KB of rows, 3 at most
//	Write, a device only               1 UpdateItem, conditional on rev                1 write (2 where the name is long)
//	Write, factors only                1 UpdateItem, conditional on rev                1 write
//	Write, app passwords only          1 UpdateItem, conditional on rev                1 write for 1 KB of them
//	Write, the limit of a source only  1 UpdateItem, conditional on rev                1 write
//	Write, otherwise                   1 TransactWriteItems                            2 write an item, 1 an index touched, 2 one
//	                                                                                   whose key changes
//	WriteWithDocket; a docket that     1 TransactWriteItems                            2 write an item: the docket, the factors
//	uses an authenticator's step up
//	Members, n users                   1 BatchGetItem for 50, consistent            2 read a user
//	Registered, n users                1 BatchGetItem for 100, consistent              1 read a user
//	WriteMany, 100 items at most       1 TransactWriteItems                            2 write an item, 1 an index touched, 2 one
//	                                                                                   whose key changes
//	ReadOrganization                   1 BatchGetItem, consistent                      2 read (1 of no organisation), 1 more in an impersonation
//	KnownOrganizations                 1 BatchGetItem, consistent, for 100             1 read an organisation
//	Administrator, Application,        1 GetItem, consistent                           1 read
//	Reader, Docket, Counted
//	Keys                               1 BatchGetItem, consistent, for 100 keys        1 read a key
//	Sender                             1 BatchGetItem, consistent                      1 read
//	DomainClaim                        1 GetItem, consistent                           1 read
//	WriteSender, LoseSender            1 TransactWriteItems                            2 write an item
//	Counts                             1 GetItem                                       ½ read
//	Policies                           1 Query, consistent                             1 read for 4 KB of rows
//	WriteOrganization, WritePeople     1 TransactWriteItems                            2 write an item
//	WriteDocket                        1 UpdateItem, conditional on rev                1 write for 1 KB of changes waiting
//	NoteUse                            1 UpdateItem, conditional on last_used_at       1 write, for a key and an hour
//	Users, n of an organisation        1 Query of an index, limit + 1 rows, and        ½ read for 4 KB of keys (some 25), and 1 a user
//	                                   1 BatchGetItem, consistent, for 100
//	Users, n of everyone               8 queries, side by side, of n/4 + 11 rows;      ½ read for 4 KB of keys in each, and 1 a user
//	                                   another where a shard has more of them; and
//	                                   1 BatchGetItem, consistent, for 100
//	Organizations                      1 BatchGetItem, consistent, for 100             1 read an organisation
//	Days                               1 Query; of everyone 8, side by side            ½ read for 4 KB of days (some 30)
//	Tallies                            8 queries, side by side                         ½ read for 4 KB of counts
//	Activity                           1 Query of an index, up to a limit              ½ read for 4 KB of rows
//	Events                             1 Query, consistent, limit + 1 rows; of one     1 read for 4 KB of rows, ½ from an index
//	                                   user or actor of an index; up to 4 of 250
//	                                   rows where they are looked at one by one
//	Log                                1 BatchGetItem, consistent                      1 read, and 1 an event
//	Extend                             1 TransactWriteItems                            2 write the head, 4 an event, and 2 for the first since a checkpoint
//	WriteCheckpoint                    1 TransactWriteItems                            6 write
//	Unsigned                           1 Query, consistent, up to a limit              1 read, where there are few
//	Shedding                           1 Query, consistent, up to a limit              1 read, where there are few
//	Outdated, n events                 1 Query and, where it finds any, 1              1 read for 4 KB of rows, and 1 an event
//	                                   BatchGetItem, consistent
//	Outdated, n sign-ins               1 Query, consistent                             1 read for 4 KB of rows
//	Remove, 25 rows                    1 BatchWriteItem                                1 write a row, and 1 an index entry
//	Checkpoint                         1 GetItem; the latest 1 Query, consistent       1 read
//	Entry                              1 Query, consistent                             1 read
//	Entries, EventsAt, Leaves          1 BatchGetItem, consistent, for 100             1 read each
//	LeafRange                          1 Query, consistent                             1 read for 4 KB of rows
//	Told                               1 BatchGetItem, consistent                      1 read
//	Recipient                          1 BatchGetItem, consistent                      3 read
//	Addressee, Pending                 1 BatchGetItem, consistent                      4 read, 1 more for 4 KB of a logo and texts
//	Branding                           1 BatchGetItem, consistent                      1 read for 4 KB
//	WriteBranding                      1 TransactWriteItems                            2 write an item, of up to 1 KB each
//	Administrators, Applications,      1 Query, consistent                             1 read for 4 KB of rows
//	Readers
//	DueAnnouncements                   1 Query, consistent, up to a limit              1 read, where there are few
//	Announcement                       1 BatchGetItem, consistent                      2 read
//	Announcements                      1 Query, consistent, up to a limit              1 read for 4 KB of rows
//	Unenrolled, Facts                  as Users                                        as Users
//	Advance                            1 UpdateItem, conditional on rev; where it is   1 write; 2 write an item
//	                                   due at another time or no more 1 TransactWriteItems
//	WriteAnnouncement                  1 TransactWriteItems                            2 write an item
//	Claim, Mark                        1 UpdateItem, conditional on state              1 write
//	Spend                              1 TransactWriteItems, and Claim where it was   2 write an item: the delivery and its counts, two or three of a
//	                                   counted before                                 mail (one of a grave notice), three or four of an SMS
//	Count                              1 TransactWriteItems; where somebody leaves a   4 write, 1 more for each KB of counts; 2 more where the number of users or
//	                                   class of a day: and 1 UpdateItem                of the enrolled changes for each of two days, 2 for the day of the registration
//	BeginRecount, KeepRecount          1 UpdateItem, conditional                       1 write for 1 KB of counts
//	Standing, n users                  1 Query of an index, and 1 BatchGetItem,        2 read a user
//	                                   consistent, for 50
//	Recounted, n users                 n PutItem, conditional                          1 write a user
//	EndRecount                         2 requests a day that anything is counted of,   1 write a day
//	                                   and 1 PutItem, conditional
//	AddSignIns, 25 rows                1 BatchWriteItem                                1 write a row, and 1 its index entry
//	CountSignIn                        1 TransactWriteItems                            2 write the row, 1 its index entry, 2 a tally
//	Tallied, 100 of them               1 BatchGetItem, consistent                      1 read a tally
//	Raise                              1 TransactWriteItems                            2 write the tally, 2 the event
//	SignIns                            1 Query, consistent; of a user of an index      1 read for 4 KB of rows, of a user ½
//	AddFacts                           1 UpdateItem, conditional on the facts; 1 more    1 write, 1 more an index that holds them
//	                                   where something stands there that it lacks
//	Keysets                            1 BatchGetItem, consistent                      1 read a purpose
//	PutKeyset                          1 PutItem, conditional                          1 to 2 write
//
// # Races and lost acknowledgements
//
// Every state change is conditional on the revision that was read; who comes second gets user.ErrConflict and nothing
// was written. When the acknowledgement of a write is lost, the SDK repeats the request and meets a condition that its
// own first try broke. So a failed condition returns the stored item, and if that is ours, by its attempt or its
// event, or if all parts of the change are there, the write won and the answer is nil. Somebody else's transaction in the
// way tells nothing of our own first try: the same write is tried again until its conditions are judged, and otherwise
// fails. Transactions carry a request token besides, made from their content. An update writes every attribute that this version knows and leaves the
// others alone, for the time in which two versions run.
package dynamo
