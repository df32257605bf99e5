package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// patience is how long one start may take: it is a benchmark of milliseconds.
const patience = 30 * time.Second

// timing is one start: from exec to the first request for work, and to the first answer.
type timing struct{ ready, answered time.Duration }

// process is one start under way: a Runtime API for one process, which is given one invocation.
type process struct {
	payload []byte
	limit   func(pid int) error // called between init and invocation, so that only the latter is slow
	next    chan struct{}       // the runtime has asked for work
	give    chan struct{}       // it may have it
	done    chan result
}

type result struct {
	body []byte
	err  error
}

// start runs the binary until its first answer and returns when it is gone. limit may be nil.
func start(ctx context.Context, binary string, environment []string, payload []byte, limit func(pid int) error) (timing, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := &process{
		payload: payload, limit: limit,
		next: make(chan struct{}, 1), give: make(chan struct{}), done: make(chan result, 1),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return timing{}, err
	}
	server := &http.Server{Handler: p.api(), ReadHeaderTimeout: patience}
	defer server.Close()
	go func() { _ = server.Serve(listener) }() // http.ErrServerClosed
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, environment...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = time.Second
	ended := make(chan struct{})
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return timing{}, err
	}
	go func() { _ = cmd.Wait(); close(ended) }() // it is killed at the end: its exit says nothing
	measured, err := p.follow(began, cmd.Process.Pid, ended)
	cancel()
	<-ended
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, &log)
	}
	return measured, err
}

var errEnded = errors.New("the function ended before it answered")

func (p *process) follow(began time.Time, pid int, ended <-chan struct{}) (timing, error) {
	var t timing
	select {
	case <-p.next:
		t.ready = time.Since(began)
	case <-ended:
		return t, errEnded
	}
	if p.limit != nil {
		if err := p.limit(pid); err != nil {
			return t, err
		}
	}
	invoked := time.Now()
	close(p.give)
	select {
	case r := <-p.done:
		t.answered = t.ready + time.Since(invoked)
		return t, r.err
	case <-ended:
		return t, errEnded
	}
}

const invocation = "/2018-06-01/runtime/invocation/"

func (p *process) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+invocation+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.next <- struct{}{}:
		default: // the second request for work; there is none
			<-r.Context().Done()
			return
		}
		select {
		case <-p.give:
		case <-r.Context().Done():
			return
		}
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
		h.Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(patience).UnixMilli()))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:000000000000:function:bench")
		_, _ = w.Write(p.payload)
	})
	mux.HandleFunc("POST "+invocation+"{id}/{kind}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if kind := r.PathValue("kind"); kind != "response" {
			err = fmt.Errorf("the function answered with an %s", kind)
		}
		p.done <- result{body, errors.Join(err, acceptable(body))}
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

// acceptable refuses an answer that shows that the function did not do its work: a measurement of a failure is none.
func acceptable(body []byte) error {
	for _, sign := range []string{`"statusCode":5`, `"itemIdentifier"`} {
		if strings.Contains(string(body), sign) {
			return errors.New("the function failed")
		}
	}
	return nil
}
