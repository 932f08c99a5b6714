import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { configDiff } from "../../../provider/config-diff.ts";
import type { Engine } from "../../../provider/engine.ts";
import { InitFailed } from "../../../provider/init-failed.ts";
import { fromStruct, type Properties, toStruct } from "../../../provider/property-bags.ts";
import { Cluster, Unreachable } from "./cluster.ts";
import { difference } from "./difference.ts";
import { kindOf } from "./kinds.ts";
import { checked, idOf, type KubernetesObject, pruned } from "./object.ts";
import { isToBeReplaced, NotReady, refuseFailed, untilReady } from "./ready.ts";

const FIELD_MANAGER = "pulumi-kubernetes-standin";
/** Settings that change what the official plugin does, and that this one doesn't know. */
const REFUSED = ["renderYamlToDirectory", "enableServerSideApply", "enablePatchForce", "deleteUnreachable"];

/** Server-side apply and delete of any kind of object, as the official kubernetes plugin does it. */
export class KubernetesService {
  readonly #version: string;
  readonly #engine: Engine | undefined;
  readonly #cancelled = new AbortController();
  #cluster: Cluster | Error = new Error("the kubernetes plugin isn't configured");
  #namespace: string | undefined;

  constructor(version: string, engine: Engine | undefined) {
    this.#version = version;
    this.#engine = engine;
  }

  getSchema(): provider.GetSchemaResponse {
    const response = new provider.GetSchemaResponse();
    response.setSchema(JSON.stringify({ name: "kubernetes", version: this.#version, resources: {} }));
    return response;
  }

  handshake(): provider.ProviderHandshakeResponse {
    const response = new provider.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  }

  checkConfig(request: provider.CheckRequest): provider.CheckResponse {
    const { values } = fromStruct(request.getNews());
    const refused = REFUSED.filter((key) => values[key] !== undefined);
    if (refused.length > 0) throw new Error(`the stand-in for the kubernetes plugin has no ${refused.join(", ")}`);
    const response = new provider.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }

  /** A cluster may move or be reached another way: its objects are looked for where it is now. */
  diffConfig(request: provider.DiffRequest): provider.DiffResponse {
    return configDiff(request);
  }

  async configure(request: provider.ConfigureRequest): Promise<provider.ConfigureResponse> {
    await this.#engine?.info("", "this is the stand-in for the official kubernetes plugin, which can't be had here");
    const { values, unknowns } = fromStruct(request.getArgs());
    const text = (key: string) =>
      typeof values[key] === "string" && values[key] !== "" ? String(values[key]) : undefined;
    try {
      if (unknowns.size > 0) throw new Error("the cluster isn't known before the update");
      this.#cluster = new Cluster({ kubeconfig: text("kubeconfig"), context: text("context") });
    } catch (error) {
      // A preview before there is a cluster is a right one: only what needs the cluster fails.
      this.#cluster = error instanceof Error ? error : new Error(String(error));
    }
    this.#namespace = text("namespace");
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  }

  check(request: provider.CheckRequest): provider.CheckResponse {
    const kind = kindOf(request.getType());
    const news = fromStruct(request.getNews());
    const seed = request.getRandomseed_asU8();
    const name = request.getName();
    const inputs = checked(news.values, fromStruct(request.getOlds()).values, {
      kind,
      name,
      seed,
      namespace: this.#namespace,
    });
    const response = new provider.CheckResponse();
    response.setInputs(toStruct(inputs, secretsOf(news, inputs)));
    return response;
  }

  diff(request: provider.DiffRequest): provider.DiffResponse {
    const state = withoutRecords(fromStruct(request.getOlds()).values) as unknown as KubernetesObject;
    const news = fromStruct(request.getNews()).values as unknown as KubernetesObject;
    const live = pruned(state, fromStruct(request.getOldInputs()).values) as KubernetesObject;
    const { changes, deleteFirst } = difference(live, news, isToBeReplaced(state, news));
    const response = new provider.DiffResponse();
    const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
    response.setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
    response.setHasdetaileddiff(true);
    response.setDeletebeforereplace(deleteFirst);
    const { Kind } = provider.PropertyDiff;
    const kinds = {
      add: [Kind.ADD, Kind.ADD_REPLACE],
      delete: [Kind.DELETE, Kind.DELETE_REPLACE],
      update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
    } as const;
    for (const [path, { change, replaces }] of changes) {
      const property = new provider.PropertyDiff();
      property.setKind(kinds[change][replaces ? 1 : 0]);
      response.getDetaileddiffMap().set(path, property);
    }
    response.setReplacesList([...changes].flatMap(([path, { replaces }]) => (replaces ? [path] : [])));
    return response;
  }

  async create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const inputs = fromStruct(request.getProperties());
    const response = new provider.CreateResponse();
    response.setProperties(request.getProperties());
    if (request.getPreview() && (inputs.unknowns.size > 0 || !(await this.#canPreview(inputs)))) return response;
    const object = inputs.values as unknown as KubernetesObject;
    const live = await this.#written(request.getUrn(), inputs, request.getTimeout(), request.getPreview());
    // Nothing runs yet of which a preview could know how it is.
    response.setProperties(recorded(request.getPreview() ? { ...live, status: undefined } : live, inputs));
    if (!request.getPreview()) response.setId(idOf(object));
    return response;
  }

  async read(request: provider.ReadRequest): Promise<provider.ReadResponse> {
    const inputs = fromStruct(request.getInputs());
    if (inputs.values.kind === undefined) {
      throw new Error("the stand-in for the kubernetes plugin doesn't import; install the official plugin");
    }
    const object = inputs.values as unknown as KubernetesObject;
    const cluster = this.#known();
    const live = await cluster.read(object);
    const response = new provider.ReadResponse();
    if (live === undefined) return response;
    const seen = { ...inputs, values: pruned(live, object) as Properties["values"] };
    await whole(request.getId(), seen, () => refuseFailed(cluster, live));
    response.setId(request.getId());
    response.setProperties(recorded(live, seen));
    response.setInputs(toStruct(seen.values, secretsOf(seen, seen.values)));
    return response;
  }

  async update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const inputs = fromStruct(request.getNews());
    const response = new provider.UpdateResponse();
    response.setProperties(request.getNews());
    if (request.getPreview() && inputs.unknowns.size > 0) return response;
    const live = await this.#written(request.getUrn(), inputs, request.getTimeout(), request.getPreview());
    response.setProperties(recorded(live, inputs));
    return response;
  }

  /** Waits until the object is gone: its name is free then, and what it owned is gone too. */
  async delete(request: provider.DeleteRequest): Promise<void> {
    const cluster = this.#known();
    const object = withoutRecords(fromStruct(request.getProperties()).values) as unknown as KubernetesObject;
    await cluster.delete(object);
    const deadline = Date.now() + (request.getTimeout() || 600) * 1000;
    const { uid } = object.metadata;
    for (let live = await cluster.read(object); live?.metadata.uid === uid; live = await cluster.read(object)) {
      if (Date.now() > deadline || this.#cancelled.signal.aborted) {
        const { finalizers } = live?.metadata ?? {};
        throw new Error(
          `${object.kind} ${idOf(object)} is still there; finalizers: ${JSON.stringify(finalizers ?? [])}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  #known(): Cluster {
    if (this.#cluster instanceof Cluster) return this.#cluster;
    throw this.#cluster;
  }

  /** False where the cluster or the object's namespace or kind isn't there yet: the inputs are all a preview has then. */
  async #canPreview({ values }: Properties): Promise<boolean> {
    if (!(this.#cluster instanceof Cluster)) return false;
    try {
      await this.#cluster.apply(values as unknown as KubernetesObject, FIELD_MANAGER, true);
      return true;
    } catch (error) {
      const { code } = error as { code?: number };
      if (error instanceof Unreachable || code === 404 || code === 403) return false;
      throw error;
    }
  }

  async #written(urn: string, inputs: Properties, seconds: number, preview: boolean): Promise<KubernetesObject> {
    const cluster = this.#known();
    const object = inputs.values as unknown as KubernetesObject;
    const applied = await cluster.apply(object, FIELD_MANAGER, preview);
    if (preview) return applied;
    const say = (line: string): void => void this.#engine?.info(urn, line);
    return whole(idOf(object), inputs, () =>
      untilReady(cluster, applied, { seconds, signal: this.#cancelled.signal, say }),
    );
  }
}

/** @throws InitFailed where the object is there and isn't ready: the state keeps it, and that */
async function whole<T>(id: string, inputs: Properties, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    throw new InitFailed(error.message, {
      id,
      properties: recorded(error.live, inputs),
      inputs: toStruct(inputs.values, secretsOf(inputs, inputs.values)),
    });
  }
}

/** The live object as the state keeps it: whatever was secret in the inputs is secret in it, and the data of a Secret. */
function recorded(live: KubernetesObject, inputs: Properties) {
  return toStruct({ ...live, __initialApiVersion: live.apiVersion }, secretsOf(inputs, live));
}

function withoutRecords(values: Record<string, unknown>): Record<string, unknown> {
  const { __initialApiVersion: _, ...object } = values;
  return object;
}

function secretsOf(inputs: Properties, { kind }: { kind?: unknown }): ReadonlySet<string> {
  return new Set([...inputs.secrets, ...(kind === "Secret" ? ["data", "stringData"] : [])]);
}
