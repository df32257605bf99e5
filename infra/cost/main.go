// Command cost works out what a deployment costs at AWS's public list prices and prints the tables of docs/cost.md,
// which a test compares with it:
//
//	go run ./infra/cost
//
// It is arithmetic on two tables that are written by hand, prices and consumption, each line with where it comes
// from. It measures nothing, asks AWS nothing, and no part of the product may import it.
package main

import (
	"fmt"
	"strings"
)

func main() {
	fmt.Println(strings.Join(tables(), "\n"))
}
