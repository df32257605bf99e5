package ledger

import (
	"errors"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
)

// ErrLeaf means that a leaf that a proof needs is not there, or is none that this code wrote.
var ErrLeaf = errors.New("ledger: a leaf of the log is missing or cannot be one")

// Path is a proof before its hashes are known. Leaves says which leaves hold them: as many as the log is high, at most twice.
type Path struct{ nodes proof.Nodes }

// Inclusion proves that the leaf of an index is in the log of a size (RFC 6962 §2.1.1). The index must be below the size.
func Inclusion(index, size uint64) (Path, error) {
	nodes, err := proof.Inclusion(index, size)
	return Path{nodes}, err
}

// Consistency proves that the log of a size is the beginning of the log of a larger one (RFC 6962 §2.1.2).
func Consistency(from, to uint64) (Path, error) {
	nodes, err := proof.Consistency(from, to)
	return Path{nodes}, err
}

// last is the leaf that holds a node: the last one below it.
func last(id compact.NodeID) uint64 { return (id.Index+1)<<id.Level - 1 }

// Leaves are the indexes of the leaves that hold the hashes.
func (p Path) Leaves() []uint64 {
	var indexes []uint64
	for _, id := range p.nodes.IDs {
		indexes = append(indexes, last(id))
	}
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// Hashes is the proof, made of leaves by their index.
func (p Path) Hashes(leaves map[uint64]Leaf) ([][]byte, error) {
	hashes := make([][]byte, len(p.nodes.IDs))
	for at, id := range p.nodes.IDs {
		leaf, there := leaves[last(id)]
		if hashes[at] = leaf.node(id.Level); !there || len(hashes[at]) != hasher.Size() {
			return nil, ErrLeaf
		}
	}
	return p.nodes.Rehash(hashes, hasher.HashChildren)
}

// node is the root of the perfect tree of a level that the leaf completes; nil if it completes none.
func (l Leaf) node(level uint) []byte {
	switch {
	case level == 0:
		return l.Hash
	case level <= uint(len(l.Nodes)):
		return l.Nodes[level-1]
	}
	return nil
}

// Includes reports whether the hash of a leaf is proven to be at an index of the log of a size and root.
func Includes(hash []byte, index, size uint64, path [][]byte, root []byte) bool {
	return proof.VerifyInclusion(hasher, index, size, hash, path, root) == nil
}

// Extends reports whether the log of a size and root is proven to be the beginning of a larger one.
func Extends(from uint64, fromRoot []byte, to uint64, toRoot []byte, path [][]byte) bool {
	return proof.VerifyConsistency(hasher, from, to, path, fromRoot, toRoot) == nil
}
