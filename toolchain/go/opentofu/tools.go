//go:build tools

// Package tools pins OpenTofu, which speaks Terraform's language, as this module's one dependency.
package tools

import _ "github.com/opentofu/opentofu/cmd/tofu"
