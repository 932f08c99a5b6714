import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ask, open, type StoreLogin } from "./store.ts";

/** What lines are looked for. */
export interface Search {
  /** LogsQL. */
  readonly query: string;
  readonly sinceSeconds: number;
  readonly service: string | undefined;
  readonly correlation: string | undefined;
}

/** A line that was found, by the names that the store gives its fields; of a query that counts, what it counted. */
export type Found = Readonly<Record<string, string>>;

/**
 * The newest lines that match, the oldest of them first.
 * @throws StoreFault with status 400 where the query is wrong
 * @see https://docs.victoriametrics.com/victorialogs/querying/
 */
export async function search(login: StoreLogin, asked: Search, limit: number, signal: AbortSignal): Promise<Found[]> {
  const body = new URLSearchParams({
    ...parameters(asked),
    start: `${Date.now() / 1000 - asked.sinceSeconds}`,
    limit: String(limit),
  });
  const answer = await ask(login, "/select/logsql/query", { method: "POST", body, signal });
  const lines = answer.split("\n").filter((line) => line !== "");
  const found = lines.map((line) => JSON.parse(line) as Found);
  const hasTimes = found.every(({ _time }) => _time !== undefined);
  return hasTimes ? found.sort((a, b) => Date.parse(a._time ?? "") - Date.parse(b._time ?? "")) : found;
}

/**
 * Lines as they come, after those since then, until the signal.
 * @throws StoreFault as `search`, and where the store ends
 */
export async function* follow(login: StoreLogin, asked: Search, signal: AbortSignal): AsyncGenerator<Found> {
  const body = new URLSearchParams({ ...parameters(asked), start_offset: `${asked.sinceSeconds}s` });
  const answer = await open(login, "/select/logsql/tail", { method: "POST", body, signal });
  if (answer.body === null) return;
  for await (const line of createInterface(Readable.fromWeb(answer.body as never)))
    if (line !== "") yield JSON.parse(line) as Found;
}

function parameters({ query, service, correlation }: Search): Record<string, string> {
  const only = { ...(service && { service }), ...(correlation && { correlation_id: correlation }) };
  return { query, ...(Object.keys(only).length > 0 && { extra_filters: JSON.stringify(only) }) };
}
