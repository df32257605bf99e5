package attack_test

import (
	"slices"
	"time"

	"twofold/infra/local/faults"
)

// effect is what a fault of the store does to a request that would otherwise succeed.
type effect int

const (
	refused   effect = iota // nothing is done, the caller hears 503, and the next try is as good as the first
	done                    // all is done, the caller hears 503 all the same; the next try gets what is promised for a lost reply
	unnoticed               // the SDK or the store copes: answer and table are as if nothing had been
	rerun                   // the workflow reads and judges again, and copes; where it does not run again: beaten
	beaten                  // every round is lost: 409, nothing is done
)

// outage is a fault with its effect on the call that meets it.
type outage struct {
	faults.Fault
	effect effect
	rest   bool        // all later calls of the same operation meet it too
	late   bool        // it arrives after all, when the retry is through
	hangs  func() bool // of a fault on the network: whether the effect is there, so that the deadline may pass
}

func refuse(name string, r faults.Reaction) outage { return outage{Fault: faults.Always(name, r)} }

// refusals are the exceptions with which DynamoDB leaves undone what it was asked. The SDK tries again where that may
// help; if it does not, the store has no use for the difference: all but races are one error to it, and 503.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func refusals(exceptions ...string) []outage {
	var all []outage
	for _, e := range exceptions {
		all = append(all, refuse(e, faults.DynamoDB(e)))
	}
	return all
}

// alike are refusals that no code of ours can tell from one of anyOutages: of a read the store looks at no error at all,
// of a write only at failed conditions, canceled transactions and transactions in the way. So a few samples, with a call
// of each of DynamoDB's operations among them, meet all of these.
func alike() []outage {
	return refusals(
		"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ServiceUnavailable", "ResourceNotFoundException",
		"ValidationException", "ItemCollectionSizeLimitExceededException", "ReplicatedWriteConflictException",
	)
}

// thorough are the samples that do.
var thorough = []string{"a right code", "a confirmation", "a report"}

// anyOutages can meet every call: refused where the SDK tries again and where it does not, unreached, hanging, slow.
func anyOutages() []outage {
	return append(refusals("InternalServerError", "ThrottlingException", "AccessDeniedException"),
		refuse("the table hangs", faults.Hang),
		outage{Fault: faults.Once("unreached once", faults.Unreached), effect: unnoticed},
		outage{Fault: faults.Once("slow, but in time", faults.Slow(time.Millisecond)), effect: unnoticed},
	)
}

// tornRead is an answer that ends in the middle of its body: the SDK does not ask again.
func tornRead() outage { return refuse("the answer ends in its middle", faults.Torn) }

// batchOutages are the keys that a BatchGetItem may leave unread.
func batchOutages() []outage {
	return []outage{
		{Fault: faults.Once("no key is read at first", faults.Unprocessed(true)), effect: unnoticed},
		{Fault: faults.Once("half of the keys are read at first", faults.Unprocessed(false)), effect: unnoticed},
		{Fault: faults.Always("no key is ever read", faults.Unprocessed(true)), rest: true},
		{Fault: faults.Always("half of the keys are never read", faults.Unprocessed(false)), rest: true},
	}
}

// writeOutages can meet a write of one item as well as a transaction.
func writeOutages() []outage {
	failed := faults.DynamoDB("InternalServerError")
	return []outage{
		{Fault: faults.Once("an acknowledgement is lost", faults.Lost), effect: unnoticed},
		{Fault: faults.Always("every acknowledgement is lost", faults.Lost), effect: done},
		// "… the operation might have been successful": Programming.Errors on 500.
		{Fault: faults.Once("done, and reported as a failure", faults.Done(failed)), effect: unnoticed},
		{Fault: faults.Always("done, and always reported as a failure", faults.Done(failed)), effect: done},
		{Fault: faults.Always("done, and the answer hangs", faults.Done(faults.Hang)), effect: done},
		{Fault: faults.Once("done, and the answer ends in its middle", faults.Torn), effect: done},
		{Fault: faults.Sequence("an acknowledgement is lost, then throttled", faults.Lost, faults.DynamoDB("ThrottlingException")), effect: unnoticed},
		{Fault: faults.Fault{Name: "an acknowledgement is lost, then unreached", First: []faults.Reaction{faults.Lost}, Then: faults.Unreached}, effect: done},
		{Fault: faults.Always("it arrives when the retry is through", faults.Late), late: true},
		{Fault: faults.Once("it arrives when the SDK's own retry is through", faults.Late), effect: unnoticed, late: true},
	}
}

// itemOutages can meet an UpdateItem.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func itemOutages() []outage {
	failed, conflict := faults.DynamoDB("ConditionalCheckFailedException"), faults.DynamoDB("TransactionConflictException")
	return races(failed, conflict)
}

// transactionOutages can meet a TransactWriteItems: canceled for each documented reason, at its first or last part.
func transactionOutages() []outage {
	failed, conflict := faults.Canceled("ConditionalCheckFailed", 0), faults.Canceled("TransactionConflict", 0)
	all := append(refusals("IdempotentParameterMismatchException", "TransactionInProgressException"), races(failed, conflict)...)
	inProgress := faults.DynamoDB("TransactionInProgressException")
	all = append(all, outage{
		Fault: faults.Sequence("an acknowledgement is lost, then still in progress", faults.Lost, inProgress), effect: unnoticed,
	})
	for _, reason := range faults.CancellationReasons() {
		for name, part := range map[string]int{"the first part": 0, "the last part": -1} {
			o := refuse("canceled for "+name+": "+reason, faults.Canceled(reason, part))
			switch reason {
			case "ConditionalCheckFailed":
				o.effect = rerun
			case "TransactionConflict":
				o.effect = unnoticed
			}
			all = append(all, o)
		}
	}
	return all
}

// races seem lost although nobody else was there. A condition that fails is judged: the write was not done, and the
// workflow looks again. A transaction in the way judges nothing: the same write is tried again.
func races(failed, conflict faults.Reaction) []outage {
	return []outage{
		{Fault: faults.Always("a condition fails", failed), effect: rerun},
		{Fault: faults.Always("conditions always fail", failed), effect: beaten, rest: true},
		{Fault: faults.Always("somebody else's transaction is in the way", conflict), effect: unnoticed},
		{Fault: faults.Always("somebody else's transaction is always in the way", conflict), effect: refused, rest: true},
		{Fault: faults.Sequence("an acknowledgement is lost, then a transaction in the way", faults.Lost, conflict), effect: unnoticed},
		{Fault: faults.Fault{Name: "an acknowledgement is lost, then a transaction always in the way", First: []faults.Reaction{faults.Lost}, Then: conflict}, effect: done, rest: true},
	}
}

// outages are all that can meet a call of an operation.
func outages(operation string) []outage {
	switch operation {
	case "BatchGetItem":
		return append(slices.Concat(anyOutages(), batchOutages()), tornRead())
	case "UpdateItem":
		return slices.Concat(anyOutages(), writeOutages(), itemOutages())
	case "TransactWriteItems":
		return slices.Concat(anyOutages(), writeOutages(), transactionOutages())
	}
	return append(anyOutages(), tornRead())
}

// oneOfEach leaves the first outage of each effect.
func oneOfEach(all []outage) (few []outage) {
	seen := map[effect]bool{}
	for _, o := range all {
		if !seen[o.effect] {
			seen[o.effect] = true
			few = append(few, o)
		}
	}
	return few
}
