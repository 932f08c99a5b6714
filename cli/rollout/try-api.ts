import { type Trust, trustedFetch } from "../tls/trusted-fetch.ts";

/** A model API that is asked, and by which token of a predictor. */
export interface TriedApi {
  /** Without / at its end. */
  readonly url: string;
  readonly token: string;
  /** The version that is to answer; undefined is whichever is loaded. */
  readonly version: string | undefined;
  /** By whom it is known; undefined is as any https address, or not at all. */
  readonly trust?: Trust | undefined;
}

/** What became of it: which version answered, or what was wrong first. */
export type Tried = { readonly version: string } | { readonly fault: string };

const LIMIT_MS = 10_000;
const TEXT = "Contact: Ada King, ada.king@example.org";
const ADDRESS = "ada.king@example.org";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks for its health, for a prediction without a token and for one with it. Nothing is changed. */
export async function tryApi({ url, token, version, trust }: TriedApi, stop: AbortSignal): Promise<Tried> {
  const ask = (path: string, more: RequestInit = {}): Promise<Answer | string> =>
    answerOf({ url: `${url}${path}`, trust }, more, stop);
  const predict = (headers: Record<string, string>): Promise<Answer | string> =>
    ask("/predict", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ text: TEXT }),
    });

  const ready = await ask("/health/ready");
  if (typeof ready === "string") return { fault: `/health/ready: ${ready}` };
  if (ready.status !== 200) return { fault: `/health/ready answers ${ready.status}${saidBy(ready)}` };
  const loaded = ready.body.version;
  if (typeof loaded !== "string") return { fault: "/health/ready names no version, so this is no model API" };
  if (version !== undefined && loaded !== version) return { fault: `version ${loaded} is loaded, not ${version}` };

  const unknown = await predict({});
  if (typeof unknown === "string") return { fault: `/predict: ${unknown}` };
  if (unknown.status !== 401) return { fault: `/predict answers ${unknown.status} to who has no token, not 401` };

  const answer = await predict({ authorization: `Bearer ${token}` });
  if (typeof answer === "string") return { fault: `/predict: ${answer}` };
  if (answer.status !== 200) return { fault: `/predict answers ${answer.status}${saidBy(answer)}` };
  if (answer.body.version !== loaded)
    return { fault: `the prediction is of version ${answer.body.version}, and ${loaded} is loaded` };
  const masked = JSON.stringify(answer.body.predictions ?? null);
  if (!masked.includes("masked") || masked.includes(ADDRESS))
    return { fault: "the prediction leaves an e-mail address in the text" };
  return { version: loaded };
}

/** The answer, or why there was none. */
async function answerOf(
  { url, trust }: Pick<TriedApi, "url" | "trust">,
  more: RequestInit,
  stop: AbortSignal,
): Promise<Answer | string> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(LIMIT_MS)]);
    // No redirect: a token goes to whom it was meant for.
    const answer = await trustedFetch(url, { ...more, redirect: "manual", signal }, trust);
    const text = await answer.text();
    return { status: answer.status, body: jsonOf(text) };
  } catch (error) {
    if (stop.aborted) throw error;
    const { name, message, cause } = error as Error;
    if (name === "TimeoutError") return `no answer within ${LIMIT_MS / 1000} s`;
    return cause instanceof Error ? cause.message : message;
  }
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** What the API says of itself: `detail` of a refusal, `registry` of its health. */
function saidBy({ body }: Answer): string {
  const words = body.detail ?? body.registry;
  return typeof words === "string" ? `: ${words}` : "";
}
