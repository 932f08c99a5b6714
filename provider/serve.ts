import grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { systemFault } from "../config/system-fault.ts";
import { plainLines } from "../config/text/plain.ts";
import { InitFailed } from "./init-failed.ts";

/** The engine sends whole states of a stack's resource: no limit on a message's size. Nobody asks grpc what it counts of each call. */
const LIMITS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.enable_channelz": 0,
};

type Answer<T> = T | Promise<T>;

/** The calls of Pulumi's ResourceProvider protocol that a plugin answers; the others are unimplemented. */
export interface ProviderService {
  handshake(): provider.ProviderHandshakeResponse;
  getSchema(): provider.GetSchemaResponse;
  checkConfig(request: provider.CheckRequest): Answer<provider.CheckResponse>;
  diffConfig(request: provider.DiffRequest): Answer<provider.DiffResponse>;
  configure(request: provider.ConfigureRequest): Answer<provider.ConfigureResponse>;
  check(request: provider.CheckRequest): Answer<provider.CheckResponse>;
  diff(request: provider.DiffRequest): Answer<provider.DiffResponse>;
  create(request: provider.CreateRequest): Answer<provider.CreateResponse>;
  read(request: provider.ReadRequest): Answer<provider.ReadResponse>;
  update(request: provider.UpdateRequest): Answer<provider.UpdateResponse>;
  delete(request: provider.DeleteRequest): Promise<void>;
  cancel(): void;
}

/** Serves the protocol on a free port of the loopback address. @returns the port */
export function serve(service: ProviderService, version: string): Promise<number> {
  const server = new grpc.Server(LIMITS);
  const empty = new emptyProto.Empty();
  server.addService(providerGrpc.ResourceProviderService, {
    handshake: answer(() => service.handshake()),
    getSchema: answer(() => service.getSchema()),
    getPluginInfo: answer(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    attach: answer(() => empty),
    checkConfig: answer((request) => service.checkConfig(request)),
    diffConfig: answer((request) => service.diffConfig(request)),
    configure: answer((request) => service.configure(request)),
    check: answer((request) => service.check(request)),
    diff: answer((request) => service.diff(request)),
    create: answer((request) => service.create(request)),
    read: answer((request) => service.read(request)),
    update: answer((request) => service.update(request)),
    delete: answer(async (request) => {
      await service.delete(request);
      return empty;
    }),
    cancel: answer(() => {
      service.cancel();
      return empty;
    }),
  } satisfies Partial<providerGrpc.IResourceProviderServer> as unknown as grpc.UntypedServiceImplementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

/** A promise or value as a unary gRPC handler; an error's message reaches the user, its stack doesn't. */
function answer<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return (call: grpc.ServerUnaryCall<Request, Response>, callback: grpc.sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error)),
      );
  };
}

/** Details travel in a header that grpc-js doesn't fill itself; the engine reads a partial failure from it. */
/** The sentence for a file that the system refuses; a broken connection is none. */
function fileFault(error: unknown): string | undefined {
  return error instanceof Error && "path" in error ? systemFault(error) : undefined;
}

function failure(error: unknown): grpc.ServiceError {
  const message = plainLines(fileFault(error) ?? (error instanceof Error ? error.message : String(error)));
  const metadata = new grpc.Metadata();
  if (error instanceof InitFailed) {
    const detail = new anyProto.Any();
    detail.pack(error.detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const body = new status.Status();
    body.setCode(grpc.status.UNKNOWN);
    body.setMessage(message);
    body.addDetails(detail);
    metadata.add("grpc-status-details-bin", Buffer.from(body.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}
