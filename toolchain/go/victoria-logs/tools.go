//go:build tools

// Package tools pins VictoriaLogs, the store of logs, for `bucketworks services`.
package tools

import _ "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs"
