//go:build tools

// Package tools pins the linter of workflows as this module's one dependency.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
