//go:build tools

// Package tools pins the checker of Prometheus rules as this module's one dependency.
package tools

import _ "github.com/prometheus/prometheus/cmd/promtool"
