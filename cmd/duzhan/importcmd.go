package main

import "errors"

// ImportCmd imports.
type ImportCmd struct{ Store }

// Run imports.
func (ImportCmd) Run(*env) error { return errors.New("later") }
