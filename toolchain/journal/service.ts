import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";

/** An answer that the CLI shows as its error. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One request: the words of its path behind `/api/`, and its body. */
export interface Request {
  readonly method: string;
  readonly path: readonly string[];
  readonly agent: string;
  readonly body: unknown;
}

/**
 * A server for one CLI on this machine. It answers in JSON, and nobody without the token.
 * @param answer an undefined value is a path that isn't known here
 */
export function serve(token: string, answer: (request: Request) => unknown): Promise<Server> {
  const server = createServer((request, response) => {
    handle(token, answer, request).then(
      (body) => (body === undefined ? send(response, 404, fault(404, "not found")) : send(response, 200, body)),
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : 500;
        send(response, status, fault(status, (error as Error).message));
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

async function handle(
  token: string,
  answer: (request: Request) => unknown,
  request: IncomingMessage,
): Promise<unknown> {
  const { method = "GET", url = "/", headers } = request;
  const bytes = await bodyOf(request);
  // `token` of the user, `update-token` of an update: both are the one of this run.
  if (!/^(update-)?token /.test(headers.authorization ?? "") || headers.authorization?.split(" ")[1] !== token)
    throw new Refusal(401, "this service answers the update that it was started for, and nobody else");
  const path = new URL(url, "http://127.0.0.1").pathname.split("/").slice(2).map(decodeURIComponent);
  const text = (headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
  return answer({ method, path, agent: headers["user-agent"] ?? "", body: text === "" ? undefined : JSON.parse(text) });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function fault(code: number, message: string): unknown {
  return { code, message };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
