//go:build tools

// Package tools pins the MinIO server as this module's one dependency.
package tools

import _ "github.com/minio/minio"
