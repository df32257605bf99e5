// Command bootstrap stands for the real one: it says what it was given.
package main

import (
	"encoding/json"
	"log"
	"os"
)

func main() {
	if os.Getenv("HOME") == "" || os.Getenv("AWS_PROFILE") != "" {
		log.Fatal("the environment is not the stack's")
	}
	said, err := json.Marshal(map[string]any{"arguments": os.Args[1:], "environment": os.Environ()})
	if err == nil {
		err = os.WriteFile(os.Args[6], said, 0o600)
	}
	if err != nil {
		log.Fatal(err)
	}
}
