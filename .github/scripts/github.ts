import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A fault that ends a script with one sentence: 2 wrong use, 3 GitHub refused or couldn't be reached. */
export class ScriptError extends Error {
  readonly exitCode: 2 | 3;

  constructor(message: string, exitCode: 2 | 3) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Most characters of a comment or an issue. */
export const BODY_LIMIT = 65_536;

/** A comment or an issue, as much of it as is read. */
export interface Post {
  readonly id: number;
  readonly number?: number;
  readonly body?: string | null;
  readonly state?: string;
  readonly user?: { readonly login: string } | null;
  readonly pull_request?: unknown;
}

/** Answers that may be another one a moment later. */
const PASSING = [429, 502, 503, 504];
const TRIES = 3;
/** Milliseconds. */
const LIMITS = { answer: 30_000, pause: 1_000 };

/** The part of GitHub's REST API that concerns one repository. */
export class Repository {
  readonly #url: string;
  readonly #token: string;
  /** Whose posts are ours; another's are never edited, whatever they hold. */
  readonly author: string;
  readonly #pause: number;

  /** Reads what a workflow's steps have in their environment. @throws ScriptError naming what is missing */
  constructor(env: NodeJS.ProcessEnv) {
    const api = env.GITHUB_API_URL || "https://api.github.com";
    this.#url = `${api}/repos/${needed(env, "GITHUB_REPOSITORY")}`;
    this.#token = needed(env, "GITHUB_TOKEN");
    this.author = env.BUCKETWORKS_COMMENT_AUTHOR || "github-actions[bot]";
    this.#pause = env.BUCKETWORKS_RETRY_MS ? Number(env.BUCKETWORKS_RETRY_MS) : LIMITS.pause;
  }

  /** The first post of ours on a list that begins with a marker; every page is looked at. */
  async find(path: string, marker: string): Promise<Post | undefined> {
    let next: string | undefined = `${this.#url}${path}${path.includes("?") ? "&" : "?"}per_page=100`;
    while (next !== undefined) {
      const response: Response = await this.#ask("GET", next, undefined);
      const posts = (await response.json()) as Post[];
      const found = posts.find((post) => this.#isOurs(post, marker));
      if (found !== undefined) return found;
      next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    return undefined;
  }

  async send(method: "POST" | "PATCH", path: string, body: object): Promise<Post> {
    return (await (await this.#ask(method, `${this.#url}${path}`, body)).json()) as Post;
  }

  #isOurs({ body, user, pull_request }: Post, marker: string): boolean {
    const [first] = (body ?? "").split(/\r?\n/, 1);
    return first === marker && user?.login === this.author && pull_request === undefined;
  }

  async #ask(method: string, url: string, body: object | undefined): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#try(method, url, body);
      if (response.ok) return response;
      // A second POST may be a second comment.
      const again = method !== "POST" && PASSING.includes(response.status) && attempt < TRIES;
      if (!again) throw new ScriptError(await refusal(method, url, response), 3);
      await pause(attempt * this.#pause);
    }
  }

  async #try(method: string, url: string, body: object | undefined): Promise<Response> {
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${this.#token}`,
      "x-github-api-version": "2022-11-28",
      ...(body && { "content-type": "application/json" }),
    };
    const signal = AbortSignal.timeout(LIMITS.answer);
    try {
      return await fetch(url, { method, headers, signal, ...(body && { body: JSON.stringify(body) }) });
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
      throw new ScriptError(
        `can't reach ${new URL(url).origin}: ${cause?.code ?? cause?.message ?? message}; is GITHUB_API_URL right?`,
        3,
      );
    }
  }
}

const CURES: Readonly<Record<number, string>> = {
  401: "the token isn't valid; pass github.token to the step as GITHUB_TOKEN",
  403: "the token may not do that; the job needs permissions pull-requests: write for comments, issues: write for issues, and a fork's token never has them",
  404: "there is no such thing, or the token may not see it; check GITHUB_REPOSITORY and the job's permissions",
  422: "GitHub doesn't take the text; is it longer than 65,536 characters?",
};

async function refusal(method: string, url: string, response: Response): Promise<string> {
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  const what = `${method} ${new URL(url).pathname} answered ${response.status}${message ? ` (${message})` : ""}`;
  return `${what}: ${CURES[response.status] ?? "try again later"}`;
}

function needed(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new ScriptError(`${name} isn't set; GitHub sets it in workflows, GITHUB_TOKEN is passed by the step's env`, 2);
}

/** @throws ScriptError where it can't be read */
export function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ScriptError(
      `${path} can't be read (${(error as NodeJS.ErrnoException).code}); the step before writes it`,
      2,
    );
  }
}

/** Runs a script to its exit code; a fault is one sentence on standard error. */
export async function runScript(script: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await script()}\n`);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
