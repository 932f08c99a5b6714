//go:build tools

// Package tools pins the community's Terraform provider of MinIO as this module's one dependency.
package tools

import _ "github.com/aminueza/terraform-provider-minio/v2"
