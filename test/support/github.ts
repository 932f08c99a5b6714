import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface FakePost {
  readonly id: number;
  readonly number: number;
  body: string;
  state: string;
  readonly user: { readonly login: string };
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the scripts use of GitHub's REST API, kept in memory: comments of pull request 7, and issues. */
export class FakeGitHub {
  readonly comments: FakePost[] = [];
  readonly issues: FakePost[] = [];
  /** `POST /repos/o/r/issues`, in order. */
  readonly writes: string[] = [];
  reads = 0;
  /** Answers these before it looks at anything, one a request. */
  readonly faults: number[] = [];
  /** Ends every write like this; 403 is what a fork's token gets. */
  refuseWrites: number | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeGitHub> {
    const fake = new FakeGitHub();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_REPOSITORY: "o/r",
      GITHUB_TOKEN: "token-1",
      BUCKETWORKS_RETRY_MS: "1",
    };
  }

  /** Adds a post that somebody wrote. */
  add(to: "comments" | "issues", body: string, login = "github-actions[bot]", state = "open"): FakePost {
    const id = 100 + this.comments.length + this.issues.length;
    const post = { id, number: id, body, state, user: { login } };
    this[to].push(post);
    return post;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    const { status, json, headers = {} } = this.#answer(request, sent === "" ? {} : JSON.parse(sent));
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
  }

  #answer({ method, url = "/", headers }: IncomingMessage, sent: Partial<FakePost>): Answer {
    const { pathname, searchParams } = new URL(url, this.env.GITHUB_API_URL);
    if (headers.authorization !== "Bearer token-1") return { status: 401, json: { message: "Bad credentials" } };
    const fault = this.faults.shift();
    if (fault !== undefined) return { status: fault, json: {} };
    if (method === "GET") {
      this.reads += 1;
      if (pathname === "/repos/o/r/issues/7/comments") return this.#page(this.comments, pathname, searchParams);
      if (pathname === "/repos/o/r/issues") return this.#page(this.issues, pathname, searchParams);
      return { status: 404, json: { message: "Not Found" } };
    }
    this.writes.push(`${method} ${pathname}`);
    if (this.refuseWrites) {
      return { status: this.refuseWrites, json: { message: "Resource not accessible by integration" } };
    }
    if ((sent.body ?? "").length > 65_536) return { status: 422, json: { message: "body is too long" } };
    if (method === "POST") {
      const list = pathname.endsWith("/comments") ? "comments" : "issues";
      return { status: 201, json: this.add(list, sent.body ?? "") };
    }
    const number = Number(pathname.split("/").at(-1));
    const post = [...this.comments, ...this.issues].find(({ id }) => id === number);
    if (post === undefined) return { status: 404, json: { message: "Not Found" } };
    return { status: 200, json: Object.assign(post, sent) };
  }

  #page(posts: readonly FakePost[], path: string, query: URLSearchParams): Answer {
    const [size, page] = [Number(query.get("per_page") ?? 30), Number(query.get("page") ?? 1)];
    const next = `<${this.env.GITHUB_API_URL}${path}?per_page=${size}&page=${page + 1}>; rel="next"`;
    const headers: Record<string, string> = page * size < posts.length ? { link: next } : {};
    return { status: 200, json: posts.slice((page - 1) * size, page * size), headers };
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
