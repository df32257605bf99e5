// Package console is what administrators see: who has a second factor, the policy, people and keys, and who changed what. They sign in by a
// mailed code and their own second factor (docs/decisions/0038), and act from then on with a key that their session is: every page is made by
// the workflows that the API is, which judge that key as they do any other.
//
// It is an adapter: it may import the workflows and package page, no AWS package and no other adapter. It stores nothing and decides nothing: where
// it does not offer what a key may not do, that is for people's sake. Every page works without JavaScript. A step that changed something is
// answered with a redirect, but for those that show a secret, which they do once.
package console
