import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the API server of a cluster was asked. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

/** Stands for the API server of an empty cluster: it knows kinds and no object, takes what it is given, and remembers it. */
export class EmptyCluster {
  readonly asked: Asked[] = [];
  readonly #kinds: Readonly<Record<string, readonly string[]>>;
  readonly #server: Server;

  private constructor(kinds: Readonly<Record<string, readonly string[]>>) {
    this.#kinds = kinds;
    this.#server = createServer((request, response) => void this.#answer(request, response)).listen(0, "127.0.0.1");
  }

  /**
   * @param kinds by the path of their API group: `/apis/apps/v1`
   * @param kubeconfig the file that will name it
   */
  static async start(kinds: Readonly<Record<string, readonly string[]>>, kubeconfig: string): Promise<EmptyCluster> {
    const cluster = new EmptyCluster(kinds);
    await once(cluster.#server, "listening");
    const { port } = cluster.#server.address() as AddressInfo;
    const server = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: server }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    };
    writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    return cluster;
  }

  /** Everything that would have changed the cluster. */
  writes(): Asked[] {
    return this.asked.filter(({ method, url }) => method !== "GET" && !url.includes("dryRun=All"));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await text(request);
    this.asked.push({ method, url, body });
    const resources = this.#kinds[url]?.map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: true }));
    const taken = method === "PATCH";
    response.writeHead(taken || resources ? 200 : 404, { "Content-Type": "application/json" });
    response.end(taken ? withUid(body) : JSON.stringify({ resources, message: "not found" }));
  }
}

function withUid(body: string): string {
  const object = JSON.parse(body) as { readonly metadata: object };
  return JSON.stringify({ ...object, metadata: { ...object.metadata, uid: "1" } });
}
