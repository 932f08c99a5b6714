//go:build tools

// Package tools pins the controller of rollouts that the test cluster runs as this module's one dependency.
package tools

import _ "github.com/argoproj/argo-rollouts/cmd/rollouts-controller"
