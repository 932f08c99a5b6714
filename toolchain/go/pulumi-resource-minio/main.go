// Command pulumi-resource-minio is the MinIO provider plugin, bridged from the Terraform provider for machines that
// reach package registries only. It answers the same schema version as the published plugin.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"bucketworks/toolchain/pulumi-resource-minio/bridge"
)

// schema.json is generated: `go generate ./...` rewrites it and the digests of what it came
// from, a test proves that they still hold.
//
//go:generate sh -c "go run ./schema && sha256sum go.mod go.sum bridge/bridge.go schema/main.go schema.json > schema.sha256"
//go:embed schema.json
var schema []byte

func main() {
	tfbridge.Main(bridge.Package, bridge.Version, bridge.Provider(), schema)
}
