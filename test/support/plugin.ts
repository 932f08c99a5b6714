import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { ROOT, tool } from "./toolchain.ts";

type Json = Record<string, unknown>;

export interface State {
  readonly id: string;
  readonly properties: Json;
  readonly inputs: Json;
}

/** The plugin as the engine sees it: a process of its own, spoken to over gRPC. */
export class Plugin {
  readonly #process: ChildProcess;
  readonly #client: providerGrpc.ResourceProviderClient;

  private constructor(process: ChildProcess, port: string) {
    this.#process = process;
    this.#client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  static async start(): Promise<Plugin> {
    const child = spawn(tool("node"), [`${ROOT}provider/main.ts`], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return new Plugin(child, port);
  }

  async stop(): Promise<void> {
    this.#client.close();
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill();
    await exit;
  }

  /** Configures the plugin with the inputs of `provider/sdk.ts`. */
  async configure(args: Json): Promise<void> {
    const request = new proto.ConfigureRequest();
    request.setArgs(struct(args));
    request.setAcceptsecrets(true);
    await this.#call(this.#client.configure, request);
  }

  async check(news: Json, olds?: Json): Promise<{ inputs: Json; failures: { property: string; reason: string }[] }> {
    const request = new proto.CheckRequest();
    request.setNews(struct(news));
    if (olds) request.setOlds(struct(olds));
    const response = await this.#call(this.#client.check, request);
    return {
      inputs: json(response.getInputs()),
      failures: response.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  /** @returns changed property paths, sorted; empty means no change */
  async diff(olds: Json, news: Json): Promise<string[]> {
    const request = new proto.DiffRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call(this.#client.diff, request);
    const paths = [...response.getDetaileddiffMap().toObject()].map(([path]) => path).sort();
    const some = response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME;
    if (some !== paths.length > 0) throw new Error(`changes ${response.getChanges()} disagree with paths ${paths}`);
    if (response.getReplacesList().length > 0) throw new Error(`replaces ${response.getReplacesList()}`);
    return paths;
  }

  async create(properties: Json, preview = false): Promise<State> {
    const request = new proto.CreateRequest();
    request.setProperties(struct(properties));
    request.setPreview(preview);
    const response = await this.#call(this.#client.create, request);
    return { id: response.getId(), properties: json(response.getProperties()), inputs: properties };
  }

  /** @returns undefined where the engine would take the bucket for deleted */
  async read(id: string, properties: Json = {}, inputs: Json = {}): Promise<State | undefined> {
    const request = new proto.ReadRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    request.setInputs(struct(inputs));
    const response = await this.#call(this.#client.read, request);
    if (response.getId() === "") return undefined;
    return { id: response.getId(), properties: json(response.getProperties()), inputs: json(response.getInputs()) };
  }

  async update(id: string, olds: Json, news: Json): Promise<Json> {
    const request = new proto.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return json((await this.#call(this.#client.update, request)).getProperties());
  }

  async delete(id: string, inputs: Json): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(inputs));
    request.setOldInputs(struct(inputs));
    await this.#call(this.#client.delete, request);
  }

  async cancel(): Promise<void> {
    const { Empty } = await import("google-protobuf/google/protobuf/empty_pb.js").then((module) => module.default);
    await this.#call(this.#client.cancel, new Empty());
  }

  #call<Request, Response>(
    method: (request: Request, callback: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
    request: Request,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(this.#client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }
}

/** The message a failed call shows to the user, and the partial state it leaves. */
export function failureOf(error: unknown): { message: string; partial: boolean } {
  const { details, metadata } = error as grpc.ServiceError;
  return { message: details, partial: metadata.get("grpc-status-details-bin").length > 0 };
}

function struct(value: Json): structProto.Struct {
  return structProto.Struct.fromJavaScript(value as Record<string, structProto.JavaScriptValue>);
}

function json(value: structProto.Struct | undefined): Json {
  return (value?.toJavaScript() ?? {}) as Json;
}
