import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** What Alertmanager sends to a webhook. */
export interface Message {
  readonly status: "firing" | "resolved";
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly { readonly annotations: { readonly summary: string } }[];
}

/** A receiver of webhooks on loopback that keeps what it gets, from when it listens. */
export class MessageReceiver {
  readonly messages: Message[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      this.messages.push(JSON.parse(text));
      response.end();
    });
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  stop(): void {
    this.#server.close();
  }

  /** `firing shop: ObjectStorageSilent`, sorted, each once. */
  said(status: Message["status"], alert: string): string[] {
    const ofAlert = this.messages.filter((each) => each.status === status && each.groupLabels.alertname === alert);
    return [...new Set(ofAlert.map(({ groupLabels }) => String(groupLabels.platform)))].sort();
  }
}
