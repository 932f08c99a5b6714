//go:build tools

// Package tools pins the Pulumi CLI as this module's one dependency.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
