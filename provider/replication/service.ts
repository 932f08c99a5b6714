import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { checkAnswer, diffAnswer } from "../answers.ts";
import { type Changes, compare } from "../diff.ts";
import type { Engine } from "../engine.ts";
import { InitFailed } from "../init-failed.ts";
import { fromStruct, type PlainObject, toStruct } from "../property-bags.ts";
import type { Connection } from "../server/connection.ts";
import { checkReplication } from "./check.ts";
import { converge, ReplicationPartial, read, remove } from "./replication.ts";
import { canonicalRules, type LiveReplication, type ReplicationInputs } from "./types.ts";

/** Of the token of the type. */
export const REPLICATION_TYPE = "bucketworks:index:Replication";

/** What is never in plaintext in a state, wherever it comes from. */
const SECRETS: ReadonlySet<string> = new Set(["keys"]);

interface Host {
  /** Of the provider, once it is configured. */
  readonly server: () => Connection;
  /** Whether the program of this run declares the bucket. */
  readonly declares: (bucket: string) => boolean;
}

/** The calls of Pulumi's ResourceProvider protocol for `bucketworks:index:Replication`. */
export class ReplicationService {
  readonly #host: Host;
  readonly #engine: Engine | undefined;

  constructor(host: Host, engine: Engine | undefined) {
    this.#host = host;
    this.#engine = engine;
  }

  check(request: provider.CheckRequest): provider.CheckResponse {
    const checked = checkReplication(fromStruct(request.getNews()), fromStruct(request.getOlds()));
    return checkAnswer(checked, SECRETS);
  }

  /** Compares with what was last seen on the server. `adopt` is left out: consent to a take-over changes nothing. */
  diff(request: provider.DiffRequest): provider.DiffResponse {
    const olds = comparable(fromStruct(request.getOlds()).values);
    const { values, unknowns } = fromStruct(request.getNews());
    const news = comparable(values);
    const found: Changes = new Map();
    for (const key of ["rules", "keys", "onDelete"] as const)
      if (!unknowns.has(key)) compare(key, olds[key], news[key], found);
    for (const key of unknowns) found.set(key, "update");
    return diffAnswer(found);
  }

  async create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const inputs = replicationOf(request.getProperties());
    const response = new provider.CreateResponse();
    response.setProperties(toStruct(inputs, SECRETS));
    if (request.getPreview()) return response;
    await this.#whole(inputs, () => converge(this.#host.server(), inputs));
    response.setId(inputs.bucket);
    return response;
  }

  /** Nothing of replication is answered by an empty id; every other fault is an error, and the state stays as it is. */
  async read(request: provider.ReadRequest): Promise<provider.ReadResponse> {
    const known = { ...replicationOf(request.getProperties()), ...replicationOf(request.getInputs()) };
    const response = new provider.ReadResponse();
    const live = await read(this.#host.server(), request.getId());
    if (live === undefined || live.rules.length + live.targets.length === 0) return response;
    const { onDelete = "retain", adopt } = known;
    const keys = liveKeys(live, known.keys ?? {});
    const seen = { bucket: request.getId(), rules: live.rules, keys, onDelete, ...(adopt !== undefined && { adopt }) };
    response.setId(request.getId());
    response.setProperties(toStruct(seen, SECRETS));
    response.setInputs(toStruct(seen, SECRETS));
    return response;
  }

  async update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const inputs = replicationOf(request.getNews());
    const response = new provider.UpdateResponse();
    response.setProperties(toStruct(inputs, SECRETS));
    if (request.getPreview()) return response;
    const { keys = {} } = replicationOf(request.getOlds());
    await this.#whole(inputs, () => converge(this.#host.server(), inputs, { keys }));
    return response;
  }

  /**
   * Ends the copying where the spec of the bucket says it no more. A bucket that leaves the specs and stays on the server
   * is left as it is, its replication too.
   */
  async delete(request: provider.DeleteRequest): Promise<void> {
    const recorded = { ...replicationOf(request.getProperties()), ...replicationOf(request.getOldInputs()) };
    const bucket = request.getId();
    if (recorded.onDelete === "retain" && !this.#host.declares(bucket)) {
      await this.#engine?.info(
        request.getUrn(),
        `bucket ${bucket} stays on the server and goes on being copied (on_delete: retain)`,
      );
      return;
    }
    await remove(this.#host.server(), { ...recorded, bucket });
  }

  async #whole(inputs: ReplicationInputs, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ReplicationPartial)) throw error;
      const { bucket, onDelete } = inputs;
      const properties = toStruct({ bucket, rules: [], keys: error.keys, onDelete }, SECRETS);
      throw new InitFailed(error.message, { id: bucket, properties, inputs: toStruct(inputs, SECRETS) });
    }
  }
}

/** The keys of targets that are the stack's own, as far as the server tells: of the secret ones it says nothing. */
function liveKeys({ targets }: LiveReplication, known: ReplicationInputs["keys"]): ReplicationInputs["keys"] {
  return Object.fromEntries(
    targets.flatMap(({ endpoint, accessKey }) => {
      const key = known[endpoint];
      return key === undefined ? [] : [[endpoint, { ...key, accessKey }]];
    }),
  );
}

function comparable(values: PlainObject): PlainObject {
  const { rules } = values as Partial<ReplicationInputs>;
  return Array.isArray(rules) ? { ...values, rules: canonicalRules(rules) } : values;
}

function replicationOf(struct: Parameters<typeof fromStruct>[0]): ReplicationInputs {
  return fromStruct(struct).values as unknown as ReplicationInputs;
}
