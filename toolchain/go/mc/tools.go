//go:build tools

// Package tools pins the MinIO client as this module's one dependency.
package tools

import _ "github.com/minio/mc"
