import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { checkAnswer, diffAnswer } from "../answers.ts";
import type { Engine } from "../engine.ts";
import { InitFailed } from "../init-failed.ts";
import { fromStruct, toStruct } from "../property-bags.ts";
import type { Connection } from "../server/connection.ts";
import { checkTier } from "./check.ts";
import { create, read, remove, TierUncertain, update } from "./tier.ts";
import { PLACE, type TierInputs } from "./types.ts";

/** Of the token of the type. */
export const TIER_TYPE = "bucketworks:index:Tier";

/** What is never in plaintext in a state, wherever it comes from. */
const SECRETS: ReadonlySet<string> = new Set(["accessKey", "secretKey"]);

const COMPARED = [...PLACE, "accessKey", "secretKey", "onDelete"] as const;

/** The calls of Pulumi's ResourceProvider protocol for `bucketworks:index:Tier`. */
export class TierService {
  readonly #server: () => Connection;
  readonly #engine: Engine | undefined;
  /** Tiers that the program of this run declares: none of them may be removed. */
  readonly #declared = new Set<unknown>();

  /** @param server of the provider, once it is configured */
  constructor(server: () => Connection, engine: Engine | undefined) {
    this.#server = server;
    this.#engine = engine;
  }

  check(request: provider.CheckRequest): provider.CheckResponse {
    const news = fromStruct(request.getNews());
    const checked = checkTier(news, fromStruct(request.getOlds()));
    this.#declared.add(news.values.name);
    return checkAnswer(checked, SECRETS);
  }

  /** `adopt` is left out: consenting to a take-over that has happened changes nothing. */
  diff(request: provider.DiffRequest): provider.DiffResponse {
    const olds = fromStruct(request.getOlds()).values;
    const { values: news, unknowns } = fromStruct(request.getNews());
    const changed = COMPARED.filter((key) => unknowns.has(key) || (olds[key] ?? "") !== (news[key] ?? ""));
    const kind = (key: string) => (olds[key] === undefined ? "add" : news[key] === undefined ? "delete" : "update");
    return diffAnswer(new Map(changed.map((key) => [key, kind(key)])));
  }

  async create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const inputs = tierOf(request.getProperties());
    const response = new provider.CreateResponse();
    response.setProperties(toStruct(inputs, SECRETS));
    if (request.getPreview()) return response;
    await this.#whole(inputs, () => create(this.#server(), inputs));
    response.setId(inputs.name);
    return response;
  }

  /** An absent tier is answered by an empty id; every other fault is an error, and the state stays as it is. */
  async read(request: provider.ReadRequest): Promise<provider.ReadResponse> {
    const known: Partial<TierInputs> = { ...tierOf(request.getProperties()), ...tierOf(request.getInputs()) };
    const response = new provider.ReadResponse();
    const live = await read(this.#server(), request.getId());
    if (live === undefined) return response;
    const { onDelete = "retain", adopt, secretKey } = known;
    const seen = { ...live, onDelete, ...(adopt !== undefined && { adopt }), ...(secretKey && { secretKey }) };
    response.setId(request.getId());
    response.setProperties(toStruct(seen, SECRETS));
    response.setInputs(toStruct(seen, SECRETS));
    return response;
  }

  async update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const inputs = tierOf(request.getNews());
    const response = new provider.UpdateResponse();
    response.setProperties(toStruct(inputs, SECRETS));
    if (request.getPreview()) return response;
    await this.#whole(inputs, () => update(this.#server(), inputs, tierOf(request.getOlds())));
    return response;
  }

  /** The engine checks what a program declares and deletes what it doesn't; both is a replacement, which none survives. */
  async delete(request: provider.DeleteRequest): Promise<void> {
    const name = request.getId();
    if (this.#declared.has(name)) {
      throw new Error(
        `tier ${name} is declared, so it is not removed: objects that were moved are read from it; nothing was changed. Run up without --replace`,
      );
    }
    const recorded = tierOf(request.getOldInputs() ?? request.getProperties());
    if (await remove(this.#server(), { ...recorded, name })) return;
    await this.#engine?.info(request.getUrn(), `tier ${name} stays on the server (onDelete: retain)`);
  }

  async #whole(inputs: TierInputs, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TierUncertain)) throw error;
      const { name, onDelete, accessKey, secretKey } = inputs;
      const properties = toStruct({ name, onDelete }, SECRETS);
      // Without where it leads: settings that the server hung at may be corrected, and what it made is read from it.
      const kept = toStruct({ name, onDelete, accessKey, secretKey }, SECRETS);
      throw new InitFailed(error.message, { id: name, properties, inputs: kept });
    }
  }
}

function tierOf(struct: Parameters<typeof fromStruct>[0]): TierInputs {
  return fromStruct(struct).values as unknown as TierInputs;
}
