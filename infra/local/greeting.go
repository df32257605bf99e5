package main

import (
	"fmt"

	"twofold/infra/local/stack"
)

// greet says where everything is; first where a newcomer begins.
func greet(s *stack.Stack, sample, keys string) {
	fmt.Printf("\n  Sample   %s (an application to sign in to: begin here, in a browser)\n", sample)
	fmt.Printf("  Console  %s/console (for administrators: admin@demo.example of the organisation %q, or %s of none)\n", s.APIURL, stack.Organization, stack.Administrator)
	fmt.Printf("  Mailbox  %s\n  API      %s\n", s.MailURL, s.APIURL)
	fmt.Printf("  SMS      %s (what numbers do is played there: docs/local.md)\n", s.SMSURL)
	fmt.Printf("  Webhooks %s (whatever their URL; what they answer is played there: docs/local.md)\n", s.HooksURL)
	fmt.Printf("  Bus      %s (EventBridge, likewise)\n", s.BusURL)
	fmt.Printf("  Keys     %s (of a system administrator, and of the administrator and the application of the organisation %q)\n", keys, stack.Organization)
	fmt.Print("\nStop with Ctrl-C.\n\n")
}
