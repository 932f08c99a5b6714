import type { Page, Request } from "playwright-core";

/** What a page did that none should; a line each. */
export interface Faults {
  /** Errors in its console, and exceptions that nobody caught. */
  readonly errors: readonly string[];
  /** Requests without an answer, or whose answer is 400 or above. */
  readonly failed: readonly string[];
  /** Requests to another machine. */
  readonly elsewhere: readonly string[];
}

/** Parts of a page that a person with a screen reader goes to. */
const LANDMARKS = ["banner", "complementary", "contentinfo", "main", "navigation", "search"] as const;

const OWN = ["127.0.0.1", "localhost", "[::1]"];

/** A page in Chromium, and all that goes wrong on it from its first request on. */
export class OpenedPage {
  readonly page: Page;
  readonly #errors: string[] = [];
  readonly #failed: string[] = [];
  readonly #elsewhere: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.#errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#errors.push(error.stack ?? error.message));
    page.on("request", (request) => this.#requireOwn(request.url()));
    page.on("websocket", (socket) => this.#requireOwn(socket.url()));
    page.on("requestfailed", (request) => this.#failed.push(`${described(request)}: ${request.failure()?.errorText}`));
    page.on("response", (response) => {
      if (response.status() >= 400) this.#failed.push(`${described(response.request())}: ${response.status()}`);
    });
  }

  get faults(): Faults {
    return { errors: this.#errors, failed: this.#failed, elsewhere: this.#elsewhere };
  }

  /** Which landmarks it has, each once. */
  async landmarks(): Promise<string[]> {
    const found = await Promise.all(
      LANDMARKS.map(async (role) => ((await this.page.getByRole(role).count()) > 0 ? [role] : [])),
    );
    return found.flat();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  #requireOwn(url: string): void {
    const { protocol, hostname } = new URL(url);
    if (/^(http|ws)s?:$/.test(protocol) && !OWN.includes(hostname)) this.#elsewhere.push(url);
  }
}

const described = (request: Request): string => `${request.method()} ${request.url()}`;
