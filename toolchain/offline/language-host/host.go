package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// cmd/run has told the user already: the engine shall not add a message of its own.
const messageShown = 32

// Set when it is built.
var version string

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	node   string
	engine string
}

func (h *host) Handshake(_ context.Context, request *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	if request.GetEngineAddress() != "" {
		h.engine = request.GetEngineAddress()
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) Run(_ context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	command, err := h.programCommand(request)
	if err == nil {
		err = runChild(context.Background(), command)
	}
	var end *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &end):
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	case end.ExitCode() == messageShown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: "the program ended with " + endOf(end)}, nil
	}
}

// One message for each piece of output, then the exit code. A cancelled call ends the plugin: that is how engines stop one.
func (h *host) RunPlugin(request *pulumirpc.RunPluginRequest, stream grpc.ServerStreamingServer[pulumirpc.RunPluginResponse]) error {
	command, err := h.pluginCommand(request)
	if err != nil {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	out := &output{send: func(toStderr bool, chunk []byte) error {
		if toStderr {
			return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: chunk}})
		}
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: chunk}})
	}}
	out.attach(command)
	code, err := exitCode(runChild(stream.Context(), command))
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code}})
}

func (h *host) InstallDependencies(request *pulumirpc.InstallDependenciesRequest, stream grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse]) error {
	command := h.installCommand(request.GetDirectory())
	out := &output{send: func(toStderr bool, chunk []byte) error {
		if toStderr {
			return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: chunk})
		}
		return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: chunk})
	}}
	out.attach(command)
	err := runChild(stream.Context(), command)
	var end *exec.ExitError
	if errors.As(err, &end) {
		return status.Error(codes.Internal, "npm ended with "+endOf(end))
	}
	return err
}

func (h *host) About(context.Context, *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	found, err := exec.Command(h.node, "--version").Output()
	if err != nil {
		return nil, status.Error(codes.Internal, fmt.Sprintf("%s --version: %v", h.node, err))
	}
	return &pulumirpc.AboutResponse{Executable: h.node, Version: strings.TrimSpace(string(found))}, nil
}

func (h *host) GetProgramDependencies(_ context.Context, request *pulumirpc.GetProgramDependenciesRequest) (*pulumirpc.GetProgramDependenciesResponse, error) {
	folder := firstOf(request.GetInfo().GetProgramDirectory(), request.GetPwd())
	return &pulumirpc.GetProgramDependenciesResponse{Dependencies: dependencies(folder, request.GetTransitiveDependencies())}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	endAll()
	return &emptypb.Empty{}, nil
}

// The toolchain puts every plugin into PULUMI_HOME itself: nothing is left for the engine to fetch.
func (h *host) GetRequiredPlugins(context.Context, *pulumirpc.GetRequiredPluginsRequest) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

func (h *host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}
