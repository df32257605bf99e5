package receiver

import (
	"net/http"
	"strconv"
	"strings"
)

// The answers that are no status.
const (
	HangUp    = "hang-up"    // the post is not taken, and the connection is cut
	LoseReply = "lose-reply" // it is taken, and the connection is cut: the sender cannot know
)

// usual is what posts are answered of which nobody has said anything.
const usual = "204"

// answer is what a host answers.
type answer struct {
	host string // empty: every host
	with string
	left int // how many posts it is for; below zero: all
}

// Answer has a host answer the next posts, so many times, with a status ("503"), HangUp or LoseReply; below zero, until Heal. It is for every host
// where none is named. What was said first goes first.
func (r *Receiver) Answer(host, with string, times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, answer{strings.ToLower(host), with, times})
}

// Heal has everybody take everything again.
func (r *Receiver) Heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = nil
}

func (r *Receiver) answerFor(host string) string {
	for i := range r.answers {
		a := &r.answers[i]
		if a.left != 0 && (a.host == "" || a.host == host) {
			a.left--
			return a.with
		}
	}
	return usual
}

func (r *Receiver) answer(w http.ResponseWriter, p Post) {
	status, err := strconv.Atoi(p.Answer)
	if err != nil {
		panic(http.ErrAbortHandler) // which net/http answers by closing the connection
	}
	if status/100 == 3 {
		w.Header().Set("Location", p.URL+"#elsewhere")
	}
	w.WriteHeader(status)
}

// ask is Answer for whoever has curl: POST /answers with the form fields answer (a status from 200 on, "hang-up" or "lose-reply"), host (empty:
// every host) and times (empty: until DELETE /answers). Pages must not.
func (r *Receiver) ask(w http.ResponseWriter, request *http.Request) {
	if site := request.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this is for programs on this machine", http.StatusForbidden)
		return
	}
	request.Body = http.MaxBytesReader(w, request.Body, 4<<10)
	with, times := request.FormValue("answer"), -1
	status, err := strconv.Atoi(with)
	known := with == HangUp || with == LoseReply || err == nil && status >= 200 && status < 600
	if text := request.FormValue("times"); text != "" {
		times, err = strconv.Atoi(text)
		known = known && err == nil && times > 0
	}
	if !known {
		http.Error(w, "an answer is a status from 200 to 599, hang-up or lose-reply, and times a number above zero", http.StatusBadRequest)
		return
	}
	r.Answer(request.FormValue("host"), with, times)
	w.WriteHeader(http.StatusNoContent)
}
