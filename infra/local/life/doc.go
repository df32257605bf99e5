// Package life is the life of a user as people see it: on the real functions, in a real browser, with the sample application or one of the
// test's own that does what README says. It holds tests alone. Its pictures lie where package browser says; those of the whole life are in
// docs/pictures, taken by `make pictures`.
package life
