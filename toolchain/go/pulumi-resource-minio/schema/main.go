// Command schema writes schema.json of the plugin from the bridge's mapping.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"bucketworks/toolchain/pulumi-resource-minio/bridge"
)

// run works from an empty folder: the generator loads the Pulumi.yaml it finds above its own, with that program's plugins.
func run(target string) error {
	path, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	empty, err := os.MkdirTemp("", "schema-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(empty)
	if err := os.Chdir(empty); err != nil {
		return err
	}
	sink := diag.DefaultSink(io.Discard, os.Stderr, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(bridge.Provider(), sink)
	if err != nil {
		return fmt.Errorf("generating the schema: %w", err)
	}
	spec.Version = bridge.Version
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func main() {
	path := "schema.json"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := run(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
