// Package prompt is the page on which somebody signs in with a second factor, or gets one: what next.url of a login leads to, for
// applications that have no page of their own. It takes the steps that the application could take through the API, by the same services and
// with the credential that the application began with, and sends the browser back with a return code.
//
// It is an adapter: it may import the workflows and package page, no AWS package and no other adapter. It stores nothing; a login that is
// under way is sealed into a cookie of its own (docs/decisions/0035). Every page works without JavaScript. A step that changed something is
// answered with a redirect to what comes next, but for the one that shows recovery codes: to send that once more shows them once more.
package prompt
