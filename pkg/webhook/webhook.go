// Package webhook is the workflow by which audit events leave: to the webhook of an organisation, and to the event bus of the vendor. Each of
// them is a place in the organisation's Merkle log (package ledger): what stands before it has been delivered, what stands behind it waits. So
// events go out in the order of the log and at least once, nothing is lost while a receiver fails, and they are sent again by setting the
// place back.
//
// It may not import AWS, HTTP or another workflow, and it judges nothing that is in an event.
package webhook
