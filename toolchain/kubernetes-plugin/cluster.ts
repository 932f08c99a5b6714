import { existsSync } from "node:fs";
import { ApiException, KubeConfig, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { KubernetesObject } from "./object.ts";

export interface ClusterConfig {
  /** A kubeconfig's text or path; absent is the one that kubectl would take. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

type Named = Pick<KubernetesObject, "apiVersion" | "kind"> & { metadata: { name: string; namespace?: string } };

/** The API server, any kind of object. */
export class Cluster {
  readonly #api: KubernetesObjectApi;
  /** The server's URL, for messages. */
  readonly server: string;

  /** @throws when the kubeconfig can't be read or has no such context */
  constructor({ kubeconfig, context }: ClusterConfig) {
    const config = new KubeConfig();
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (kubeconfig.includes("\n") || !existsSync(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) {
      if (config.getContextObject(context) === null) {
        const known = config.getContexts().map(({ name }) => name);
        throw new Error(`the kubeconfig has no context ${context}, it has ${known.join(", ") || "none"}`);
      }
      config.setCurrentContext(context);
    }
    this.server = config.getCurrentCluster()?.server ?? "";
    if (this.server === "") throw new Error("the kubeconfig names no cluster; set KUBECONFIG or kubernetes:kubeconfig");
    this.#api = KubernetesObjectApi.makeApiClient(config);
  }

  /** @returns undefined when the server says that there is none */
  async read(
    object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">,
  ): Promise<KubernetesObject | undefined> {
    try {
      return plain(await this.#api.read(object as Named));
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw this.#explained(error, "get", object);
    }
  }

  /** Server-side apply. @param dryRun asks what would come of it, and changes nothing */
  async apply(object: KubernetesObject, fieldManager: string, dryRun: boolean): Promise<KubernetesObject> {
    try {
      const mode = dryRun ? "All" : undefined;
      const applied = this.#api.patch(
        object as Named,
        undefined,
        mode,
        fieldManager,
        false,
        PatchStrategy.ServerSideApply,
      );
      return plain(await applied);
    } catch (error) {
      throw this.#explained(error, "apply", object);
    }
  }

  /** Answers at once; what belongs to the object is gone before it is. */
  async delete(object: KubernetesObject): Promise<void> {
    try {
      await this.#api.delete(object as Named, undefined, undefined, undefined, undefined, "Foreground");
    } catch (error) {
      if (statusOf(error) !== 404) throw this.#explained(error, "delete", object);
    }
  }

  async list(apiVersion: string, kind: string, namespace: string | undefined): Promise<KubernetesObject[]> {
    try {
      const { items } = await this.#api.list(apiVersion, kind, namespace);
      return items.map(plain);
    } catch (error) {
      throw this.#explained(error, "list", { kind, metadata: namespace === undefined ? {} : { namespace } });
    }
  }

  #explained(error: unknown, verb: string, { kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): Error {
    const name = [metadata.namespace, metadata.name].filter(Boolean).join("/");
    const what = `${verb} ${kind}${name === "" ? "" : ` ${name}`}`;
    if (!(error instanceof ApiException)) {
      return new Unreachable(
        `can't reach Kubernetes at ${this.server} to ${what}: ${causeOf(error)}; is the cluster up, and is the context right?`,
      );
    }
    const said = messageOf(error);
    if (error.code === 403) return new Error(`may not ${what}: ${said}; give the deploying identity that verb`);
    if (error.code === 401) return new Error(`Kubernetes at ${this.server} refuses the credentials: ${said}`);
    return new Failure(`can't ${what}: ${said}`, error.code);
  }
}

/** No answer came: nothing is known of the object. */
export class Unreachable extends Error {}

/** The server refused. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

function messageOf({ body, message }: ApiException<unknown>): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  try {
    return (JSON.parse(text) as { message?: string }).message ?? message;
  } catch {
    return text;
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string; code?: string }; message: string };
  return cause?.message || cause?.code || message;
}

/** Dates as texts again, as the server sent them. */
function plain(object: unknown): KubernetesObject {
  return JSON.parse(JSON.stringify(object)) as KubernetesObject;
}
