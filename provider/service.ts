import { isDeepStrictEqual } from "node:util";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { checkAnswer, diffAnswer } from "./answers.ts";
import {
  BucketError,
  checkNeeds,
  converge,
  create,
  finish,
  type Note,
  PartialError,
  probe,
  read,
  remove,
} from "./bucket.ts";
import type { BucketInputs, BucketSettings } from "./bucket-types.ts";
import { check } from "./check.ts";
import { configDiff } from "./config-diff.ts";
import { type Configuration, configuration } from "./configure.ts";
import { changes, endedNotifications } from "./diff.ts";
import type { Engine } from "./engine.ts";
import { InitFailed } from "./init-failed.ts";
import { needsFrom } from "./needs.ts";
import { fromStruct, toStruct } from "./property-bags.ts";
import { packageSchema } from "./schema.ts";
import { type Connection, connect } from "./server/connection.ts";

/** Settings of a bucket whose creation ended before they could be asked for. */
const UNSEEN: BucketSettings = { versioning: false, tags: {}, lifecycle: [] };

/** The calls of Pulumi's ResourceProvider protocol, for `bucketworks:index:Bucket` and for the provider itself. */
export class BucketService {
  readonly #version: string;
  readonly #engine: Engine | undefined;
  readonly #cancelled = new AbortController();
  #configuration: Configuration = { state: "incomplete", missing: [] };
  #connection: Connection | undefined;
  /** Buckets that the program of this run declares: none of them may be deleted, see `delete`. */
  readonly #declared = new Set<unknown>();

  constructor(version: string, engine: Engine | undefined) {
    this.#version = version;
    this.#engine = engine;
  }

  getSchema(): provider.GetSchemaResponse {
    const response = new provider.GetSchemaResponse();
    response.setSchema(JSON.stringify(packageSchema(this.#version)));
    return response;
  }

  handshake(): provider.ProviderHandshakeResponse {
    const response = new provider.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  }

  /**
   * Asks the server once whether it answers and takes the credentials: one clear error instead of one a bucket, and
   * before the engine stores the inputs. `configure` would be too late for that: the engine doesn't wait for it. Then
   * asks whether it has what the specs need; `needs` goes no further, so that no state holds it and none differs by it.
   */
  async checkConfig(request: provider.CheckRequest): Promise<provider.CheckResponse> {
    const news = request.getNews();
    await this.#connect(news);
    const needs = needsFrom(fromStruct(news).values.needs);
    if (needs !== undefined && this.#connection !== undefined) {
      await checkNeeds(this.#connection, needs, async (line) => this.#engine?.warn("", line));
    }
    news?.getFieldsMap().del("needs");
    const response = new provider.CheckResponse();
    response.setInputs(news);
    return response;
  }

  /** Another endpoint or credential changes the provider in place: replacing it would replace every bucket. */
  diffConfig(request: provider.DiffRequest): provider.DiffResponse {
    return configDiff(request);
  }

  /** Probes as `checkConfig` does: `refresh`, `destroy` and `import` without a program come here directly. */
  async configure(request: provider.ConfigureRequest): Promise<provider.ConfigureResponse> {
    await this.#connect(request.getArgs());
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  }

  check(request: provider.CheckRequest): provider.CheckResponse {
    const news = fromStruct(request.getNews());
    const checked = check(news, fromStruct(request.getOlds()));
    if (!news.unknowns.has("bucket")) this.#declared.add(news.values.bucket);
    return checkAnswer(checked, news.secrets);
  }

  /** Whether the program of this run declares the bucket. */
  declares(bucket: string): boolean {
    return this.#declared.has(bucket);
  }

  /**
   * Compares with what was last seen on the server (the outputs), so that drift found by a refresh is fixed. What no
   * server holds (`declared`) isn't among them after an import: it then stands in the inputs alone.
   */
  diff(request: provider.DiffRequest): provider.DiffResponse {
    const { declared } = fromStruct(request.getOldInputs()).values as Partial<BucketInputs>;
    const seen = fromStruct(request.getOlds()).values as unknown as BucketInputs;
    const olds = { ...UNSEEN, ...(declared && { declared }), ...seen };
    const { values, unknowns } = fromStruct(request.getNews());
    const news = Object.fromEntries(Object.entries(values).filter(([key]) => !unknowns.has(key)));
    const found = changes(
      { ...olds, ...pick(values, unknowns) },
      { ...(news as unknown as BucketInputs), ...pick(values, unknowns) },
    );
    for (const key of unknowns) found.set(key, "update");
    return diffAnswer(found);
  }

  async create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const { values, secrets } = fromStruct(request.getProperties());
    const inputs = values as unknown as BucketInputs;
    const response = new provider.CreateResponse();
    response.setProperties(toStruct(inputs, secrets));
    if (request.getPreview()) return response;
    await this.#whole(request.getUrn(), inputs, secrets, () => create(this.server(), inputs));
    response.setId(inputs.bucket);
    return response;
  }

  /** An absent bucket is answered by an empty id; every other fault is an error, and the state stays as it is. */
  async read(request: provider.ReadRequest): Promise<provider.ReadResponse> {
    const bucket = request.getId();
    const state = fromStruct(request.getProperties());
    const inputs = fromStruct(request.getInputs());
    const response = new provider.ReadResponse();
    const known = { ...state.values, ...inputs.values } as Partial<BucketInputs>;
    const { declared, adopt, lifecycle, notifications } = known;
    const isImport = Object.keys(known).length === 0;
    const live = await read(this.server(), bucket, lifecycle, {
      notifications: isImport || notifications !== undefined,
    });
    if (live === undefined) return response;
    // what nobody asked for and isn't there needs no owner
    if (isImport && live.notifications?.length === 0) delete live.notifications;
    const seen = { bucket, ...live, ...(declared && { declared }), ...(adopt !== undefined && { adopt }) };
    response.setId(bucket);
    response.setProperties(toStruct(seen, state.secrets));
    response.setInputs(toStruct(seen, inputs.secrets));
    return response;
  }

  async update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const { values, secrets } = fromStruct(request.getNews());
    const inputs = values as unknown as BucketInputs;
    const olds = fromStruct(request.getOlds()).values;
    const seen = "versioning" in olds;
    const response = new provider.UpdateResponse();
    response.setProperties(toStruct(inputs, secrets));
    if (request.getPreview()) return response;
    const wanted = endedNotifications(olds as Partial<BucketInputs>, inputs);
    await this.#whole(request.getUrn(), inputs, secrets, () => (seen ? converge : finish)(this.server(), wanted));
    return response;
  }

  /**
   * The engine checks what a program declares and deletes what it doesn't. Both for one bucket is a replacement, whatever
   * asked for it (--replace, a taint, a pending delete): a bucket can't be made again without losing what it holds.
   * `deleteBeforeReplace` in the program has the engine ask here before it creates anything.
   */
  async delete(request: provider.DeleteRequest): Promise<void> {
    if (this.#declared.has(request.getId())) throw new BucketError(replacementRefused(request));
    const recorded = fromStruct(request.getOldInputs() ?? request.getProperties()).values;
    const inputs = { ...recorded, bucket: request.getId() } as unknown as BucketInputs;
    const gone = await remove(this.server(), inputs, async (line) => this.#engine?.warn(request.getUrn(), line));
    if (!gone) {
      await this.#engine?.info(request.getUrn(), `bucket ${inputs.bucket} stays on the server (on_delete: retain)`);
    }
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  async #connect(inputs: Struct | undefined): Promise<void> {
    const found = configuration(fromStruct(inputs), process.env);
    if (isDeepStrictEqual(found, this.#configuration)) return;
    const connection = found.state === "complete" ? connect(found.config, this.#cancelled.signal) : undefined;
    if (connection) await probe(connection, async (line) => this.#engine?.info("", line));
    this.#configuration = found;
    this.#connection = connection;
  }

  async #whole(
    urn: string,
    inputs: BucketInputs,
    secrets: ReadonlySet<string>,
    work: () => Promise<Note[]>,
  ): Promise<void> {
    try {
      for (const note of await work()) await this.#engine?.warn(urn, note);
    } catch (error) {
      if (!(error instanceof PartialError)) throw error;
      throw new InitFailed(error.message, {
        id: inputs.bucket,
        properties: toStruct({ ...identity(inputs), ...error.live }, secrets),
        inputs: toStruct(inputs, secrets),
      });
    }
  }

  /** @throws where the provider isn't configured */
  server(): Connection {
    if (this.#connection) return this.#connection;
    const { state } = this.#configuration;
    const missing = state === "incomplete" ? this.#configuration.missing.join(", ") : "";
    throw new Error(
      state === "unknown"
        ? "the server's endpoint isn't known before the update"
        : `provider bucketworks isn't configured: set ${missing || "endpoint, rootUser and rootPassword"}`,
    );
  }
}

function replacementRefused(request: provider.DeleteRequest): string {
  const untaint = `pulumi state untaint '${request.getUrn()}'`;
  return `bucket ${request.getId()} is declared, so it is not deleted: replacing it would lose what it holds; nothing was deleted. Run up without --replace; where its state was tainted: ${untaint}; where an earlier replacement left a pending delete: bucketworks recover`;
}

function identity({ bucket, declared, adopt }: BucketInputs): Partial<BucketInputs> {
  return { bucket, ...(declared && { declared }), ...(adopt !== undefined && { adopt }) };
}

function pick(values: Record<string, unknown>, keys: ReadonlySet<string>): object {
  return Object.fromEntries([...keys].map((key) => [key, values[key]]));
}
