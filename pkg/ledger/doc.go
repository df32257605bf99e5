// Package ledger is the Merkle log of an organisation's audit: what stands in its leaves, how it grows, what is signed of it and how
// that is checked, by us and by whoever has an export of it. The hashing is RFC 6962's, a checkpoint is a signed note as
// https://c2sp.org/tlog-checkpoint describes it, and both are transparency-dev's and the Go team's code, not ours.
//
// It may not read a store, know HTTP or AWS, or hold a key longer than a signature takes.
package ledger
