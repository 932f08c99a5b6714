import { z } from "zod";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { TrackingServer } from "./tracking-server.ts";

/** How long an answer may take, milliseconds. */
const PATIENCE = 20_000;
/** Of one page; MLflow gives no more than 1000 models. */
const PAGE = 200;

const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default("") }))
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, value])));
const version = z.object({ name: z.string(), version: z.string(), status: z.string().default("READY"), tags: pairs });
const model = z.object({
  name: z.string(),
  aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
});
const modelsPage = z.object({ registered_models: z.array(model).default([]), next_page_token: z.string().optional() });
const versionsPage = z.object({ model_versions: z.array(version).default([]), next_page_token: z.string().optional() });
const refusal = z.object({ error_code: z.string(), message: z.string().default("") });

/** A registered model, and to which version each of its aliases points. */
export type RegisteredModel = z.output<typeof model>;
/** As MLflow has it. */
export type RawVersion = z.output<typeof version>;

/**
 * The parts of MLflow's REST API that commands need.
 * @see https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export class Registry {
  readonly #server: TrackingServer;

  constructor(server: TrackingServer) {
    this.#server = server;
  }

  /** Every registered model, sorted by name. @throws CommandError as `#ask` */
  models(): Promise<RegisteredModel[]> {
    return this.#pages("registered-models/search", {}, modelsPage, (page) => page.registered_models);
  }

  /** @returns undefined where there is no such model */
  async model(name: string): Promise<RegisteredModel | undefined> {
    const answer = await this.#ask("GET", "registered-models/get", { name });
    return answer === undefined
      ? undefined
      : this.#read(z.object({ registered_model: model }), answer).registered_model;
  }

  /** The versions of a model, oldest first. */
  async versions(name: string): Promise<RawVersion[]> {
    const filter = `name='${name.replaceAll("'", "''")}'`;
    const all = await this.#pages("model-versions/search", { filter }, versionsPage, (page) => page.model_versions);
    return all.sort((a, b) => Number(a.version) - Number(b.version));
  }

  /** @throws CommandError as `#ask`, and where the version is gone */
  async setAlias(name: string, alias: string, to: string): Promise<void> {
    const answer = await this.#ask("POST", "registered-models/alias", { name, alias, version: to });
    if (answer !== undefined) return;
    const fix = `somebody deleted it just now, and ${alias} stays where it was: bucketworks models list`;
    throw this.#fault(`has no version ${to} of ${name} any more`, fix);
  }

  async #pages<Page extends { readonly next_page_token?: string | undefined }, Item>(
    path: string,
    query: Record<string, string>,
    schema: z.ZodType<Page>,
    items: (page: Page) => readonly Item[],
  ): Promise<Item[]> {
    const all: Item[] = [];
    for (let token = ""; ; ) {
      const more: Record<string, string> = token === "" ? {} : { page_token: token };
      const answer = await this.#ask("GET", path, { ...query, max_results: String(PAGE), ...more });
      const page = this.#read(schema, answer ?? {});
      all.push(...items(page));
      token = page.next_page_token ?? "";
      if (token === "") return all;
    }
  }

  /**
   * @returns undefined where MLflow says that there is no such thing
   * @throws CommandError where nobody answers, or it refuses
   */
  async #ask(method: "GET" | "POST", path: string, values: Record<string, string>): Promise<unknown> {
    const { url, login } = this.#server;
    const query = method === "GET" ? `?${new URLSearchParams(values)}` : "";
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
      method,
      headers: { "content-type": "application/json", ...(login !== undefined && { authorization: login }) },
      ...(method === "POST" && { body: JSON.stringify(values) }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    }).catch((error: unknown) => {
      throw this.#silent(error);
    });
    const text = await answer.text();
    if (answer.ok) return parsed(text) ?? this.#stranger();
    if (answer.status === 401)
      throw this.#fault("wants a login", "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
    const { data } = refusal.safeParse(parsed(text));
    if (data?.error_code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    if (answer.status === 403)
      throw this.#fault("refuses that to this login", data?.message || "ask the person who manages the model");
    const said = data === undefined ? `HTTP ${answer.status}` : `${data.error_code}: ${data.message}`;
    throw this.#fault(`answers ${said}`, "its log says more: bucketworks services logs");
  }

  #read<T>(schema: z.ZodType<T>, answer: unknown): T {
    const { success, data } = schema.safeParse(answer);
    return success ? data : this.#stranger();
  }

  #stranger(): never {
    throw this.#fault("answers something else than a registry does", "does the address belong to a server of MLflow?");
  }

  #silent(error: unknown): CommandError {
    const { message, cause, name } = error as Error;
    const { code, message: why } = (cause ?? {}) as { code?: string; message?: string };
    const reason = name === "TimeoutError" ? `nothing within ${PATIENCE / 1000} s` : (code ?? why ?? message);
    return this.#fault(`doesn't answer (${reason})`, "make services starts it; --tracking-uri names another one");
  }

  #fault(what: string, fix: string): CommandError {
    return new CommandError(`models: MLflow at ${this.#server.url} ${what}; ${fix}`, EXIT.couldNotLook);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
