// Serves Pulumi's LanguageRuntime for Node programs where the official host can't be downloaded: one process an engine,
// the port on the first line of stdout, the programs and plugins it runs as children. Engine gone means all gone.
import { createRequire, flushCompileCache } from "node:module";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import type * as Requests from "@pulumi/pulumi/proto/language_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { endAll, endWithEngine, NotInstalledError, type Output, start } from "./children.ts";
import { installCommand, pluginCommand, programCommand } from "./commands.ts";
import { dependencies } from "./dependencies.ts";

/** cmd/run has told the user already: the engine shall not add a message of its own. */
const MESSAGE_SHOWN = 32;
const VERSION = "3.258.0";

const services: { LanguageRuntimeService: ServiceDefinition } = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/language_grpc_pb.js",
);

/** The engine's address is the last argument; flags before it (tracing, log level) are the official host's. */
let engine = process.argv.at(-1) ?? "";

const handshake: handleUnaryCall<Requests.LanguageHandshakeRequest, Requests.LanguageHandshakeResponse> = (
  call,
  done,
) => {
  engine = call.request.getEngineAddress() || engine;
  done(null, new messages.LanguageHandshakeResponse());
};

const run: handleUnaryCall<Requests.RunRequest, Requests.RunResponse> = async (call, done) => {
  const response = new messages.RunResponse();
  try {
    const end = await start(programCommand(call.request, engine)).ended;
    if (end.code === MESSAGE_SHOWN) response.setBail(true);
    else if (end.code !== 0) response.setError(`the program ended with ${end.signal ?? `exit code ${end.code}`}`);
  } catch (error) {
    response.setError(error instanceof Error ? error.message : String(error));
  }
  done(null, response);
};

/** One message for each piece of output, then the exit code. A cancelled call ends the plugin: that is how engines stop one. */
const runPlugin: handleServerStreamingCall<Requests.RunPluginRequest, Requests.RunPluginResponse> = async (call) => {
  const send = (stream: Output, chunk: Buffer) => {
    const message = new messages.RunPluginResponse();
    if (stream === "stdout") message.setStdout(chunk);
    else message.setStderr(chunk);
    call.write(message);
  };
  try {
    const child = start(pluginCommand(call.request), send);
    call.on("cancelled", child.end);
    const end = await child.ended;
    const message = new messages.RunPluginResponse();
    message.setExitcode(end.code ?? 1);
    call.write(message);
    call.end();
  } catch (error) {
    const code = error instanceof NotInstalledError ? status.FAILED_PRECONDITION : status.INTERNAL;
    call.emit("error", { code, details: error instanceof Error ? error.message : String(error) });
  }
};

const installDependencies: handleServerStreamingCall<
  Requests.InstallDependenciesRequest,
  Requests.InstallDependenciesResponse
> = async (call) => {
  const send = (stream: Output, chunk: Buffer) => {
    const message = new messages.InstallDependenciesResponse();
    if (stream === "stdout") message.setStdout(chunk);
    else message.setStderr(chunk);
    call.write(message);
  };
  const end = await start(installCommand(call.request.getDirectory()), send).ended;
  if (end.code === 0) call.end();
  else
    call.emit("error", { code: status.INTERNAL, details: `npm ended with ${end.signal ?? `exit code ${end.code}`}` });
};

const about: handleUnaryCall<Requests.AboutRequest, Requests.AboutResponse> = (_call, done) => {
  const response = new messages.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  done(null, response);
};

const getProgramDependencies: handleUnaryCall<
  Requests.GetProgramDependenciesRequest,
  Requests.GetProgramDependenciesResponse
> = (call, done) => {
  const response = new messages.GetProgramDependenciesResponse();
  const folder = call.request.getInfo()?.getProgramDirectory() || call.request.getPwd();
  for (const [name, version] of dependencies(folder, call.request.getTransitivedependencies())) {
    const dependency = new messages.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  done(null, response);
};

const getPluginInfo: handleUnaryCall<Empty, InstanceType<typeof plugins.PluginInfo>> = (_call, done) => {
  const info = new plugins.PluginInfo();
  info.setVersion(VERSION);
  done(null, info);
};

const cancel: handleUnaryCall<Empty, Empty> = (_call, done) => {
  endAll();
  done(null, new empty.Empty());
};

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(services.LanguageRuntimeService, {
  handshake,
  run,
  runPlugin,
  installDependencies,
  about,
  getProgramDependencies,
  getPluginInfo,
  cancel,
  // The toolchain puts every plugin into PULUMI_HOME itself: nothing is left for the engine to fetch.
  getRequiredPlugins: (_call: unknown, done: (error: null, response: object) => void) =>
    done(null, new messages.GetRequiredPluginsResponse()),
  getRequiredPackages: (_call: unknown, done: (error: null, response: object) => void) =>
    done(null, new messages.GetRequiredPackagesResponse()),
});
endWithEngine();
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
  // Engines kill what they start: an exit that would write the cache of compiled code never comes.
  flushCompileCache();
});
