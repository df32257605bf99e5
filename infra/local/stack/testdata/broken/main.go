// Command broken is the function of testdata/failing.yaml that never initializes.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("starting broken")
	os.Exit(1)
}
