// Serves Pulumi's LanguageRuntime for Node programs where the official host can't be downloaded: one process an engine, the
// port on the first line of stdout, the programs and plugins it runs as children. Engine gone means all gone. It can go
// when pulumi-language-nodejs is a Go module that can be built, or every machine can download the official parts.
//
//	host NODE [FLAG...] ENGINE
package main

import (
	"fmt"
	"math"
	"net"
	"os"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "language host: started without a Node and the engine's address")
		os.Exit(2)
	}
	endWithEngine()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "language host:", err)
		os.Exit(1)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32))
	// Flags before the engine's address (tracing, log level) are the official host's.
	host := &host{node: os.Args[1], engine: os.Args[len(os.Args)-1]}
	pulumirpc.RegisterLanguageRuntimeServer(server, host)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, "language host:", err)
		os.Exit(1)
	}
}
