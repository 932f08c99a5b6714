import type { Connection } from "../server/connection.ts";
import { answerLost } from "../server/faults.ts";
import { addTier, editTier, readTier, removeTier } from "../server/tier-calls.ts";
import { type LiveTier, movedParts, placeText, type TierInputs } from "./types.ts";
import { TierError, tierSentence } from "./words.ts";

/** No answer says whether the tier was made. */
export class TierUncertain extends TierError {}

/** @returns undefined when the server has no tier of that name */
export function read(server: Connection, name: string): Promise<LiveTier | undefined> {
  return readTier(server, name).catch((error: unknown) => {
    const why = tierSentence(error, server, { name } as TierInputs);
    throw new TierError(`tier ${name} can't be read: ${why}; nothing was changed`);
  });
}

/** Makes the tier, or takes over one that leads to the same place where the inputs permit it. */
export async function create(server: Connection, tier: TierInputs): Promise<void> {
  const { name, adopt = false } = tier;
  const live = await read(server, name);
  if (live === undefined) return make(server, tier, adopt);
  if (!adopt) {
    throw new TierError(
      `tier ${name} exists already on ${server.url} and isn't in this stack; to take it over with the objects that it holds set bucketworks:tiers.${name}.adopt to true; nothing was changed`,
    );
  }
  requirePlace(server, tier, live);
  await giveKey(server, tier);
}

/**
 * Brings the tier to the inputs: its key, and nothing else can be changed. One that is gone is made again.
 * @param seen what the stack last knew of it
 */
export async function update(server: Connection, tier: TierInputs, seen: Partial<TierInputs>): Promise<void> {
  const live = await read(server, tier.name);
  if (live === undefined) return make(server, tier, tier.adopt ?? false);
  requirePlace(server, tier, live);
  if (live.accessKey !== tier.accessKey || seen.secretKey !== tier.secretKey) await giveKey(server, tier);
}

/**
 * Removes a tier whose place holds nothing. Objects are never deleted.
 * @returns whether the tier is gone; false where it was to be retained
 */
export async function remove(server: Connection, tier: TierInputs): Promise<boolean> {
  if (tier.onDelete !== "delete_if_empty") return false;
  const what = `tier ${tier.name} isn't removed`;
  const live = await read(server, tier.name);
  if (live === undefined) return true;
  // One whose creation had no answer is wherever the server has it.
  const known = tier.bucket === undefined ? { ...tier, ...live } : tier;
  requirePlace(server, known, live);
  await attempt(server, known, what, () => removeTier(server, tier.name));
  return true;
}

async function make(server: Connection, tier: TierInputs, force: boolean): Promise<void> {
  const what = `tier ${tier.name} can't be made`;
  try {
    await addTier(server, tier, force);
  } catch (error) {
    // Asked again after a lost answer, the server has what the first request made.
    if (error instanceof Error && error.name === "XMinioAdminTierAlreadyExists" && (await isMade(server, tier))) return;
    const message = `${what}: ${tierSentence(error, server, tier)}; ${outcome(error)}`;
    throw isUncertain(error) ? new TierUncertain(message) : new TierError(message);
  }
}

async function isMade(server: Connection, tier: TierInputs): Promise<boolean> {
  const live = await read(server, tier.name);
  return live !== undefined && movedParts(live, tier).length === 0 && live.accessKey === tier.accessKey;
}

/** Whether a write may have been carried out; not where the server says itself what it refuses, or that the other store is away. */
function isUncertain(error: unknown): boolean {
  return answerLost(error) && !(error instanceof Error && /^XMinio(AdminTier|BackendDown)/.test(error.name));
}

/** What became of a write that failed. */
function outcome(error: unknown): string {
  return isUncertain(error) ? "the server may have carried it out: run up again" : "nothing was changed";
}

function giveKey(server: Connection, tier: TierInputs): Promise<void> {
  return attempt(server, tier, `the key of tier ${tier.name} can't be set`, () => editTier(server, tier));
}

/** @throws when the server's tier of that name leads elsewhere */
function requirePlace(server: Connection, tier: TierInputs, live: LiveTier): void {
  const [part] = movedParts(live, tier);
  if (part === undefined) return;
  throw new TierError(
    `tier ${tier.name} of ${server.url} leads to ${placeText(live)}, not to ${placeText(tier)} (${part}), and can't be led elsewhere: objects that were moved are read from there; set bucketworks:tiers.${tier.name} to what the server has, or give the tier another name; nothing was changed`,
  );
}

async function attempt(server: Connection, tier: TierInputs, what: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new TierError(`${what}: ${tierSentence(error, server, tier)}; ${outcome(error)}`);
  }
}
