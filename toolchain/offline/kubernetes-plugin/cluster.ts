import { existsSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import { kubeconfigFault } from "../../../config/stack/kubeconfig-fault.ts";
import { type Answer, Api } from "./api.ts";
import type { KubernetesObject } from "./object.ts";

export interface ClusterConfig {
  /** A kubeconfig's text or path; absent is the one that kubectl would take. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

type Named = Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">;

/** A kind as the server serves it. */
interface Served {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The API server, any kind of object. */
export class Cluster {
  readonly #api: Api;
  readonly #served = new Map<string, Promise<readonly Served[]>>();

  /** @throws when the kubeconfig can't be read or has no such context */
  constructor({ kubeconfig, context }: ClusterConfig) {
    const config = new KubeConfig();
    try {
      if (kubeconfig === undefined) config.loadFromDefault();
      else if (kubeconfig.includes("\n") || !existsSync(kubeconfig)) config.loadFromString(kubeconfig);
      else config.loadFromFile(kubeconfig);
    } catch (error) {
      throw new Error(kubeconfigFault(error));
    }
    if (context !== undefined) {
      if (config.getContextObject(context) === null) {
        const known = config.getContexts().map(({ name }) => name);
        throw new Error(`the kubeconfig has no context ${context}, it has ${known.join(", ") || "none"}`);
      }
      config.setCurrentContext(context);
    }
    this.#api = new Api(config);
    if (this.server === "") throw new Error("the kubeconfig names no cluster; set KUBECONFIG or kubernetes:kubeconfig");
  }

  /** The server's URL, for messages. */
  get server(): string {
    return this.#api.server;
  }

  /** @returns undefined when the server says that there is none, or no such kind */
  async read(object: Named): Promise<KubernetesObject | undefined> {
    const path = await this.#path(object, "get");
    if (path === undefined) return undefined;
    const answer = await this.#send("get", object, "GET", path);
    return answer.status === 404 ? undefined : read(answer);
  }

  /** Server-side apply. @param dryRun asks what would come of it, and changes nothing */
  async apply(object: KubernetesObject, fieldManager: string, dryRun: boolean): Promise<KubernetesObject> {
    const path = await this.#path(object, "apply");
    if (path === undefined) {
      const reason = `the server has no kind ${object.kind} of ${object.apiVersion}; is its CustomResourceDefinition there?`;
      throw new Failure(`can't apply ${nameOf(object)}: ${reason}`, 404);
    }
    const query = new URLSearchParams({ fieldManager, fieldValidation: "Strict", ...(dryRun && { dryRun: "All" }) });
    const content = { type: "application/apply-patch+yaml", body: object };
    const answer = await this.#send("apply", object, "PATCH", `${path}?${query}`, content);
    if (answer.status === 404) throw new Failure(`can't apply ${nameOf(object)}: ${messageOf(answer)}`, 404);
    return read(answer);
  }

  /** Answers at once; what belongs to the object is gone before it is. */
  async delete(object: Named): Promise<void> {
    const path = await this.#path(object, "delete");
    if (path !== undefined) await this.#send("delete", object, "DELETE", `${path}?propagationPolicy=Foreground`);
  }

  async list(apiVersion: string, kind: string, namespace: string | undefined): Promise<KubernetesObject[]> {
    const all = { apiVersion, kind, metadata: namespace === undefined ? {} : { namespace } };
    const path = await this.#path(all, "list");
    if (path === undefined) return [];
    const { items = [] } = read(await this.#send("list", all, "GET", path)) as unknown as {
      items?: KubernetesObject[];
    };
    return items;
  }

  /** @returns undefined where the server has no such kind */
  async #path(object: Named, verb: string): Promise<string | undefined> {
    const { apiVersion, kind, metadata } = object;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const served = (await this.#kinds(root, object, verb)).find(
      (each) => each.kind === kind && !each.name.includes("/"),
    );
    if (served === undefined) return undefined;
    const namespace = served.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? "default")}` : "";
    const name = metadata.name === undefined ? "" : `/${encodeURIComponent(metadata.name)}`;
    return `${root}${namespace}/${served.name}${name}`;
  }

  /** A kind that isn't there may come later: only what was found is remembered. */
  async #kinds(root: string, object: Named, verb: string): Promise<readonly Served[]> {
    const known = await this.#served.get(root);
    if (known?.some(({ kind }) => kind === object.kind)) return known;
    const asked = this.#send(verb, object, "GET", root).then((answer) => {
      if (answer.status === 404) return [];
      return (read(answer) as unknown as { resources: readonly Served[] }).resources;
    });
    this.#served.set(root, asked);
    return asked;
  }

  /** @throws Unreachable, or Failure for whatever the server refuses but 404 */
  async #send(verb: string, object: Named, ...request: Parameters<Api["send"]>): Promise<Answer> {
    const what = `${verb} ${nameOf(object)}`;
    let answer: Answer;
    try {
      answer = await this.#api.send(...request);
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      throw new Unreachable(
        `can't reach Kubernetes at ${this.server} to ${what}: ${message || code}; is the cluster up, and is the context right?`,
      );
    }
    const { status } = answer;
    if (status < 300 || status === 404) return answer;
    const said = messageOf(answer);
    if (status === 403) throw new Failure(`may not ${what}: ${said}; give the deploying identity that verb`, status);
    if (status === 401) throw new Failure(`Kubernetes at ${this.server} refuses the credentials: ${said}`, status);
    throw new Failure(`can't ${what}: ${said}`, status);
  }
}

/** No answer came: nothing is known of the object. */
export class Unreachable extends Error {}

/** The server refused. */
class Failure extends Error {
  /** HTTP status. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

function nameOf({ kind, metadata }: Named): string {
  const name = [metadata.namespace, metadata.name].filter(Boolean).join("/");
  return name === "" ? kind : `${kind} ${name}`;
}

function messageOf({ body, status }: Answer): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? `status ${status}`;
  } catch {
    return body || `status ${status}`;
  }
}

function read({ body }: Answer): KubernetesObject {
  return JSON.parse(body) as KubernetesObject;
}
