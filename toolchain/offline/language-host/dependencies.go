package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type packageFile struct {
	Version         string                              `json:"version"`
	Dependencies    map[string]string                   `json:"dependencies"`
	DevDependencies map[string]string                   `json:"devDependencies"`
	Packages        map[string]struct{ Version string } `json:"packages"`
}

// What can't be read has nothing in it.
func readPackage(parts ...string) (found packageFile) {
	text, err := os.ReadFile(filepath.Join(parts...))
	if err == nil {
		_ = json.Unmarshal(text, &found)
	}
	return found
}

// dependencies are the npm packages of a program with their installed versions; what `pulumi about` lists.
func dependencies(folder string, transitive bool) []*pulumirpc.DependencyInfo {
	versions := map[string]string{}
	if transitive {
		for path, each := range readPackage(folder, "package-lock.json").Packages {
			if at := strings.LastIndex(path, "node_modules/"); at >= 0 {
				versions[path[at+len("node_modules/"):]] = each.Version
			}
		}
	} else {
		own := readPackage(folder, "package.json")
		for _, group := range []map[string]string{own.Dependencies, own.DevDependencies} {
			for name := range group {
				versions[name] = readPackage(folder, "node_modules", name, "package.json").Version
			}
		}
	}
	found := make([]*pulumirpc.DependencyInfo, 0, len(versions))
	for name, version := range versions {
		if version != "" {
			found = append(found, &pulumirpc.DependencyInfo{Name: name, Version: version})
		}
	}
	sort.Slice(found, func(a, b int) bool { return found[a].Name < found[b].Name })
	return found
}
