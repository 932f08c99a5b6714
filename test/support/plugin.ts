import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import { ROOT, tool } from "./toolchain.ts";

type Json = Record<string, unknown>;

export interface State {
  readonly id: string;
  readonly properties: Json;
  readonly inputs: Json;
}

/** The plugin as the engine sees it: a process of its own, spoken to over gRPC. */
export class Plugin {
  /** Of the resource that calls are about; empty is a bucket. */
  urn = "";
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
    await call<proto.ConfigureResponse>((done) => this.#client.configure(request, done));
  }

  /** The check of the same inputs, which the engine makes first. */
  async checkConfig(args: Json): Promise<void> {
    const request = new proto.CheckRequest();
    request.setNews(struct(args));
    await call<proto.CheckResponse>((done) => this.#client.checkConfig(request, done));
  }

  async check(news: Json, olds?: Json): Promise<{ inputs: Json; failures: { property: string; reason: string }[] }> {
    const request = new proto.CheckRequest();
    request.setUrn(this.urn);
    request.setNews(struct(news));
    if (olds) request.setOlds(struct(olds));
    const response = await call<proto.CheckResponse>((done) => this.#client.check(request, done));
    return {
      inputs: json(response.getInputs()),
      failures: response.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  /** @returns changed property paths, sorted; empty means no change */
  async diff(olds: Json, news: Json): Promise<string[]> {
    const request = new proto.DiffRequest();
    request.setUrn(this.urn);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await call<proto.DiffResponse>((done) => this.#client.diff(request, done));
    const paths: string[] = [];
    response.getDetaileddiffMap().forEach((_, path) => {
      paths.push(path);
    });
    paths.sort();
    const some = response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME;
    if (some !== paths.length > 0) throw new Error(`changes ${response.getChanges()} disagree with paths ${paths}`);
    if (response.getReplacesList().length > 0) throw new Error(`replaces ${response.getReplacesList()}`);
    return paths;
  }

  async create(properties: Json, preview = false): Promise<State> {
    const request = new proto.CreateRequest();
    request.setUrn(this.urn);
    request.setProperties(struct(properties));
    request.setPreview(preview);
    const response = await call<proto.CreateResponse>((done) => this.#client.create(request, done));
    return { id: response.getId(), properties: json(response.getProperties()), inputs: properties };
  }

  /** @returns undefined where the engine would take the bucket for deleted */
  async read(id: string, properties: Json = {}, inputs: Json = {}): Promise<State | undefined> {
    const request = new proto.ReadRequest();
    request.setUrn(this.urn);
    request.setId(id);
    request.setProperties(struct(properties));
    request.setInputs(struct(inputs));
    const response = await call<proto.ReadResponse>((done) => this.#client.read(request, done));
    if (response.getId() === "") return undefined;
    return { id: response.getId(), properties: json(response.getProperties()), inputs: json(response.getInputs()) };
  }

  async update(id: string, olds: Json, news: Json): Promise<Json> {
    const request = new proto.UpdateRequest();
    request.setUrn(this.urn);
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return json((await call<proto.UpdateResponse>((done) => this.#client.update(request, done))).getProperties());
  }

  async delete(id: string, inputs: Json): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(this.urn);
    request.setId(id);
    request.setProperties(struct(inputs));
    request.setOldInputs(struct(inputs));
    await call((done) => this.#client.delete(request, done));
  }

  async cancel(): Promise<void> {
    await call((done) => this.#client.cancel(new emptyProto.Empty(), done));
  }
}

function call<Response>(send: (done: grpc.requestCallback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => {
      if (error) reject(error);
      else resolve(response as Response);
    });
  });
}

/** The message a failed call shows to the user, and the partial state it leaves. */
export function failureOf(error: unknown): { message: string; partial: boolean } {
  const { details, metadata } = error as grpc.ServiceError;
  return { message: details, partial: metadata.get("grpc-status-details-bin").length > 0 };
}

/** What the user is told when the call fails; fails itself when the call succeeds. */
export async function failure(call: Promise<unknown>): Promise<{ message: string; partial: boolean }> {
  return call.then(
    (answer) => Promise.reject(new Error(`succeeded with ${JSON.stringify(answer)}`)),
    (error) => failureOf(error),
  );
}

function struct(value: Json): structProto.Struct {
  return structProto.Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}

function json(value: structProto.Struct | undefined): Json {
  return (value?.toJavaScript() ?? {}) as Json;
}
