import { type Trust, trustedFetch } from "../tls/trusted-fetch.ts";

/** Where the store of logs is, and a login that it takes. */
export interface StoreLogin {
  /** host:port */
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** By whom it is known, read anew for each request; undefined where it speaks plain HTTP. */
  readonly trust?: (() => Trust) | undefined;
}

/** The store doesn't answer, or not as it should. */
export class StoreFault extends Error {
  /** The status of its answer; undefined where none came. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreFault";
    this.status = status;
  }
}

/** How long the store may take to answer, milliseconds; a search of all that it has takes it 30 s at most. */
const LIMIT = 40_000;

/**
 * Has the store take lines. It keeps them in memory for a second or two before they are on its disk.
 * @throws StoreFault
 */
export async function insert(login: StoreLogin, entries: readonly object[]): Promise<void> {
  const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  const headers = { "Content-Type": "application/stream+json" };
  await ask(login, "/insert/jsonline?_stream_fields=service,platform", { method: "POST", body, headers });
}

/** When it was started, as it says itself. @throws StoreFault */
export async function startedAt(login: StoreLogin): Promise<string> {
  const metrics = await ask(login, "/metrics", {});
  const found = /^process_start_time_seconds (\S+)$/m.exec(metrics)?.[1];
  if (found === undefined)
    throw new StoreFault(`the store of logs at ${login.address} doesn't say when it was started`);
  return found;
}

/**
 * Sends a request that is answered in time.
 * @param limit milliseconds for the whole answer
 * @returns the answer, which is good
 * @throws StoreFault
 */
export async function ask(login: StoreLogin, path: string, request: RequestInit, limit = LIMIT): Promise<string> {
  const inTime = AbortSignal.timeout(limit);
  const signal = request.signal ? AbortSignal.any([request.signal, inTime]) : inTime;
  try {
    return await (await open(login, path, { ...request, signal })).text();
  } catch (error) {
    if (!inTime.aborted || request.signal?.aborted) throw error;
    const message = `the store of logs at ${login.address} doesn't answer within ${limit / 1000} s`;
    throw new StoreFault(message, undefined, { cause: error });
  }
}

/** Sends a request whose answer may go on for ever. @returns the answer, which is good so far @throws StoreFault */
export async function open(login: StoreLogin, path: string, request: RequestInit): Promise<Response> {
  const { address, user, password, trust } = login;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  let answer: Response;
  try {
    const sent = { ...request, headers: { ...request.headers, authorization } };
    answer = await trustedFetch(`${trust ? "https" : "http"}://${address}${path}`, sent, trust?.());
  } catch (error) {
    if (request.signal?.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new StoreFault(`the store of logs at ${address} doesn't answer (${cause})`, undefined, { cause: error });
  }
  if (answer.ok) return answer;
  const said = (await answer.text()).trim();
  if (answer.status === 401) throw new StoreFault(`the store of logs at ${address} refuses the login ${user}`, 401);
  throw new StoreFault(said || `the store of logs at ${address} answers ${answer.status}`, answer.status);
}
