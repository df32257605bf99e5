// Package page is x.
package page
