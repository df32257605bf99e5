// Package attack holds tests and nothing else: it attacks the whole API in one process, with DynamoDB Local as its table,
// real keys, a clock that stands still, and a store, a KMS and a mail provider that fail on demand. What a rule says is
// tested beside the rule; here stands what only the parts together can promise: no request, in whatever order, at whatever
// time, with whatever key or fault, gets more than it may or loses what was promised. It may not reach into the store to
// bring about what a request could; it may to bring about what this version's API cannot yet say, such as a policy without
// a method.
package attack
