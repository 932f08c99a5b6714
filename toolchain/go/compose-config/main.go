// What Docker Compose itself reads of a file: the library of `docker compose config`. Prints the project as JSON, with every
// profile, after variables, schema and references were judged.
//
//	compose-config COMPOSE_FILE ENV_FILE
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/compose-spec/compose-go/v2/cli"
)

const library = "github.com/compose-spec/compose-go/v2"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("compose-config", version())
		return
	}
	if len(os.Args) != 3 {
		fail(2, "usage: compose-config COMPOSE_FILE ENV_FILE")
	}
	options, err := cli.NewProjectOptions(os.Args[1:2],
		cli.WithEnvFiles(os.Args[2]), cli.WithDotEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		fail(1, err.Error())
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		fail(1, err.Error())
	}
	text, err := project.MarshalJSON()
	if err != nil {
		fail(1, err.Error())
	}
	fmt.Println(string(text))
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, module := range info.Deps {
			if module.Path == library {
				return module.Version
			}
		}
	}
	return "unknown"
}

func fail(code int, message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}
