import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const DEADLINE_MS = 30_000;

/**
 * Requests to the API server with a kubeconfig's credentials, bodies as they are: the client's own typed calls leave out
 * fields whose names are words of JavaScript (`from` of a NetworkPolicy).
 */
export class Api {
  readonly server: string;
  readonly #config: KubeConfig;
  readonly #agent: http.Agent;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.server = config.getCurrentCluster()?.server ?? "";
    this.#agent = this.server.startsWith("https:")
      ? new https.Agent({ keepAlive: true })
      : new http.Agent({ keepAlive: true });
  }

  /** @throws the connection's error where no answer came */
  async send(
    method: string,
    path: string,
    content?: { readonly type: string; readonly body: object },
  ): Promise<Answer> {
    const url = new URL(path, `${this.server}/`);
    const options: https.RequestOptions = {
      method,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(DEADLINE_MS),
    };
    await this.#config.applyToHTTPSOptions(options);
    options.agent = this.#agent;
    if (content !== undefined) options.headers = { ...options.headers, "Content-Type": content.type };
    const { request } = url.protocol === "https:" ? https : http;
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = request(url, options, resolve).on("error", reject);
      sent.end(content === undefined ? undefined : JSON.stringify(content.body));
    });
    return { status: response.statusCode ?? 0, body: await text(response) };
  }
}
