// Package account is the page on which somebody sees and changes the own settings: methods, recovery email and codes, trusted browsers, app
// passwords, what happened lately. An application opens it for a user whom it has signed in (open-account-page), and every step is taken through the
// services of package enroll, with the credential that the application opened it with. What protects changes with a fresh proof only, which
// is asked for in the form of the change itself.
//
// It is an adapter: it may import the workflows and package page, no AWS package and no other adapter. It stores nothing; who looks at it is
// sealed into a cookie (docs/decisions/0037). Every page works without JavaScript. A step that changed something is answered with a redirect,
// but for those that show a secret: they show it in the answer to their own form, and to send that once more shows the same once more.
package account
