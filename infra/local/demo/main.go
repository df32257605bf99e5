// Command demo walks the main job against a running `make run`, and prints each
// step, request and answer.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"twofold/infra/local/qr"
	"twofold/infra/local/story"
)

func main() {
	api := flag.String("api", "http://127.0.0.1:8787", "the `address` of the API that make run printed")
	mailbox := flag.String("mailbox", "http://127.0.0.1:8788", "the `address` of its mailbox page")
	keys := flag.String("keys", ".local/keys.json", "the `file` of its keys")
	flag.Parse()
	key, err := systemKey(*keys)
	if err == nil {
		err = story.New(story.World{
			API: *api, Mailbox: *mailbox, SystemKey: key, ReadQR: reader(), Tell: tell, Show: show, Now: time.Now,
		}).Run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		if errors.Is(err, syscall.ECONNREFUSED) {
			fmt.Fprintln(os.Stderr, "Nothing answers there. Start `make run` in another terminal, and wait for 'Stop with Ctrl-C' there.")
		}
		os.Exit(1)
	}
	fmt.Println("\nThat was the main job. The mails are at", *mailbox)
}

// reader reads QR codes where this machine can; the demo goes on without.
func reader() func([]byte) (string, error) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		fmt.Println("(zbarimg is not installed: the key URI is taken from the answer instead of the QR code)")
		return nil
	}
	return qr.Read
}

func systemKey(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the keys of `make run` cannot be read: start it in another terminal, and wait for 'Stop with Ctrl-C' there: %w", err)
	}
	var keys struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(text, &keys); err != nil || keys.SystemAdmin.Key == "" {
		return "", fmt.Errorf("%s holds no system_admin key", file)
	}
	return keys.SystemAdmin.Key, nil
}

var chapter int

func tell(title string) {
	chapter++
	fmt.Printf("\n\033[1m%2d. %s\033[0m\n", chapter, title)
}

// show prints a call. Keys and long texts are cut: this is a demonstration, and it scrolls by.
func show(e story.Exchange) {
	fmt.Printf("\n    %s %s\n", e.Method, e.Path)
	if len(e.Request) > 0 {
		fmt.Println(indent("    → ", e.Request))
	}
	fmt.Printf("    ← %d\n", e.Status)
	if len(e.Answer) > 0 {
		fmt.Println(indent("      ", e.Answer))
	}
}

func indent(prefix string, text []byte) string {
	var value any
	if json.Unmarshal(text, &value) != nil {
		return prefix + string(text)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("      ", "  ")
	if err := encoder.Encode(shorten(value)); err != nil {
		return prefix + string(text)
	}
	return prefix + strings.TrimRight(out.String(), "\n")
}

const longest = 72

func shorten(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = shorten(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = shorten(inner)
		}
	case string:
		if len(v) > longest {
			return v[:longest-20] + "… (" + fmt.Sprint(len(v)) + " characters)"
		}
	}
	return value
}
