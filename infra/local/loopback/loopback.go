// Package loopback keeps the services of the local stack for the machine that they run on.
package loopback

import (
	"net"
	"net/http"
	"strings"
)

// Only answers requests that were meant for another machine, and reports whether one may go on: a web page whose name resolves to a loopback address is
// not to read what lies here, nor to play. what is the service, in the answer: "mailbox".
func Only(w http.ResponseWriter, r *http.Request, what string) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	http.Error(w, "this "+what+" is for this machine only", http.StatusMisdirectedRequest)
	return false
}
