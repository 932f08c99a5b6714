package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runner finds a script of @pulumi/pulumi from the folder of the program, plugin or policy pack that is to run, so that each
// runs with the SDK it installed.
func runner(folder, name string) (string, error) {
	for at := folder; ; at = filepath.Dir(at) {
		file, err := filepath.EvalSymlinks(filepath.Join(at, "node_modules/@pulumi/pulumi/cmd", name, "index.js"))
		if err == nil {
			return file, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("@pulumi/pulumi is not installed for %s: run npm ci there", folder)
		}
	}
}

// options are the runtime options of Pulumi.yaml: arguments of Node, and an environment. TypeScript is on unless set to false.
func options(info *pulumirpc.ProgramInfo) (arguments, environment []string) {
	given := info.GetOptions().AsMap()
	text := func(key string) string {
		if value, found := given[key]; found {
			return fmt.Sprint(value)
		}
		return ""
	}
	environment = []string{"PULUMI_NODEJS_TYPESCRIPT=" + firstOf(text("typescript"), "true")}
	if text("tsconfig") != "" {
		environment = append(environment, "PULUMI_NODEJS_TSCONFIG_PATH="+text("tsconfig"))
	}
	return strings.Fields(text("nodeargs")), environment
}

// programCommand is the command line and environment of a Pulumi program, as cmd/run wants them.
func (h *host) programCommand(request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	info := request.GetInfo()
	folder := firstOf(info.GetProgramDirectory(), request.GetPwd())
	script, err := runner(folder, "run")
	if err != nil {
		return nil, err
	}
	arguments, environment := options(info)
	arguments = append(arguments, script)
	for _, flag := range [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engine},
		{"organization", request.GetOrganization()},
		{"root-directory", info.GetRootDirectory()},
		{"project", request.GetProject()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"parallel", strconv.Itoa(int(request.GetParallel()))},
	} {
		if flag[1] != "" {
			arguments = append(arguments, "--"+flag[0], flag[1])
		}
	}
	if request.GetDryRun() {
		arguments = append(arguments, "--dry-run")
	}
	arguments = append(arguments, firstOf(info.GetEntryPoint(), request.GetProgram(), "."))
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	command := exec.Command(h.node, append(arguments, request.GetArgs()...)...)
	command.Dir = firstOf(request.GetPwd(), folder)
	command.Env = append(append(os.Environ(), environment...),
		"PULUMI_CONFIG="+string(config), "PULUMI_CONFIG_SECRET_KEYS="+string(secrets))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command, nil
}

// pluginCommand: a provider plugin runs in the folder the engine names; a policy pack in its own, which is its last argument too.
func (h *host) pluginCommand(request *pulumirpc.RunPluginRequest) (*exec.Cmd, error) {
	folder := firstOf(request.GetInfo().GetProgramDirectory(), request.GetProgram())
	name, given, place := "run-plugin", append([]string{folder}, request.GetArgs()...), firstOf(request.GetPwd(), folder)
	if request.GetKind() == "analyzer" {
		name, given, place = "run-policy-pack", append(append([]string{}, request.GetArgs()...), folder), folder
	}
	script, err := runner(folder, name)
	if err != nil {
		return nil, err
	}
	arguments, environment := options(request.GetInfo())
	command := exec.Command(h.node, append(append(arguments, script), given...)...)
	command.Dir = place
	command.Env = append(append([]string{}, request.GetEnv()...), environment...)
	return command, nil
}

// installCommand is `npm ci` where there is a lockfile, else `npm install`, with this host's own Node first on PATH.
func (h *host) installCommand(folder string) *exec.Cmd {
	verb := "install"
	if _, err := os.Stat(filepath.Join(folder, "package-lock.json")); err == nil {
		verb = "ci"
	}
	command := exec.Command("npm", verb, "--loglevel=error")
	command.Dir = folder
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(h.node)+":"+os.Getenv("PATH"))
	return command
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
