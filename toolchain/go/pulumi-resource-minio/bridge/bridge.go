// Package bridge maps the Terraform provider for MinIO to the Pulumi package `minio`.
package bridge

import (
	"bytes"
	_ "embed"

	"github.com/aminueza/terraform-provider-minio/v2/minio"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const (
	// Package is the name in resource tokens and in the plugin's file name.
	Package = "minio"
	// Version is the published plugin whose schema this one matches; the npm package @pulumi/minio asks for it.
	Version = "0.17.1"
)

// metadata.json holds the aliases the bridge has handed out, so that tokens stay what they are.
//
//go:embed metadata.json
var metadata []byte

// Provider is the mapping. Everything not said here is the bridge's default.
func Provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            shim.NewProvider(minio.Provider()),
		Name:         Package,
		Version:      Version,
		Description:  "A Pulumi package for creating and managing minio cloud resources.",
		Keywords:     []string{"pulumi", "minio"},
		License:      "Apache-2.0",
		Homepage:     "https://pulumi.io",
		Repository:   "https://github.com/pulumi/pulumi-minio",
		GitHubOrg:    "aminueza",
		MetadataInfo: tfbridge.NewProviderMetadata(bytes.Clone(metadata)),
		Resources: map[string]*tfbridge.ResourceInfo{
			// Bytes: an int32 of the schema would end at 2 GiB.
			"minio_s3_bucket": {Fields: map[string]*tfbridge.SchemaInfo{"quota": {Type: "number"}}},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("minio_", "index", tokens.MakeStandard(Package)))
	info.MustApplyAutoAliases()
	info.SetAutonaming(255, "-")
	return info
}
