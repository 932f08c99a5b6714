import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import { plainLines } from "../config/text/plain.ts";

const NEVER = 2 ** 31 - 1;

/** The engine that started this plugin: it shows messages, and the plugin ends with it. */
export class Engine {
  readonly #client: engineGrpc.EngineClient;

  /** @param address host:port, the plugin's first argument */
  constructor(address: string) {
    this.#client = new engineGrpc.EngineClient(address, grpc.credentials.createInsecure(), {
      "grpc.client_idle_timeout_ms": NEVER,
    });
  }

  /** Shows a line beside the resource. */
  info(urn: string, message: string): Promise<void> {
    return this.#log(engineProto.LogSeverity.INFO, urn, message);
  }

  /** Shows a warning beside the resource. */
  warn(urn: string, message: string): Promise<void> {
    return this.#log(engineProto.LogSeverity.WARNING, urn, message);
  }

  #log(severity: engineProto.LogSeverity, urn: string, message: string): Promise<void> {
    const request = new engineProto.LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(plainLines(message));
    return new Promise((resolve, reject) => {
      this.#client.log(request, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Calls `gone` once the connection to the engine is lost, as after `kill -9`: a plugin must not outlive it. */
  whenGone(gone: () => void): void {
    const channel = this.#client.getChannel();
    let connected = false;
    const watch = (): void => {
      const state = channel.getConnectivityState(true);
      if (state === grpc.connectivityState.READY) connected = true;
      else if (connected || state === grpc.connectivityState.TRANSIENT_FAILURE) {
        gone();
        return;
      }
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, watch);
    };
    watch();
  }
}
