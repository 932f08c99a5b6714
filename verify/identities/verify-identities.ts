import { randomBytes } from "node:crypto";
import pMap from "p-map";
import type { Platform, ResolvedModel } from "../../config/model.ts";
import { LiveClient } from "../../live/client.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { type Administered, type OwnAdministration, tryOwnAdministration } from "./administration.ts";
import { type Probe, probesOf } from "./probes.ts";
import { type Identity, identitiesOf, type Operation, permits } from "./rights.ts";
import { DeadKey, type Outcome, tryOut } from "./try.ts";

/** Keys by user or service account. */
export type Keys = Readonly<Record<string, { readonly accessKey: string; readonly secretKey: string }>>;

/** Something that an identity may and shouldn't, or should and may not. */
export interface IdentityFinding {
  readonly identity: string;
  readonly platform: string;
  /** `use its key` where the key itself is at fault, `act for a user` of a service account that isn't the stack's. */
  readonly operation: Operation | OwnAdministration | "use its key" | "act for a user";
  readonly bucket: string | null;
  readonly key: string | null;
  readonly expected: "allowed" | "refused";
  readonly actual: string;
}

export interface NotTried {
  readonly identity: string;
  readonly platform: string;
  /** One sentence. */
  readonly reason: string;
}

export interface IdentityReport {
  readonly identities: number;
  /** Operations tried. */
  readonly tries: number;
  readonly findings: readonly IdentityFinding[];
  readonly notTried: readonly NotTried[];
}

/** Identities that are tried at the same time. */
const CONCURRENCY = 4;

interface Tried extends Pick<IdentityReport, "tries" | "findings" | "notTried"> {
  readonly administered: readonly (Administered & Pick<IdentityFinding, "identity" | "platform">)[];
}

/** Tries with each identity's own key what it may do and what it may not; see `tryOut` for what that leaves behind. */
export async function verifyIdentities(
  model: ResolvedModel,
  server: ServerAddress,
  keys: Keys,
): Promise<IdentityReport> {
  const identities = model.platforms.flatMap((platform) =>
    identitiesOf(platform.access).map((identity) => ({ platform, identity })),
  );
  const deployer = new LiveClient(server);
  let all: Tried[];
  try {
    const work = ({ identity, platform }: (typeof identities)[number]) =>
      tryIdentity(identity, platform, { keys, deployer });
    all = await pMap(identities, work, { concurrency: CONCURRENCY });
  } finally {
    deployer.close();
  }
  return {
    identities: identities.length,
    tries: all.reduce((sum, { tries }) => sum + tries, 0),
    findings: [
      ...all.flatMap(({ findings }) => findings),
      ...ownAdministration(all.flatMap(({ administered }) => administered)),
    ].sort(byIdentity),
    notTried: all.flatMap(({ notTried }) => notTried).sort(byIdentity),
  };
}

async function tryIdentity(
  identity: Identity,
  { name: platform, buckets }: Platform,
  { keys, deployer }: { keys: Keys; deployer: LiveClient },
): Promise<Tried> {
  const about = { identity: identity.name, platform };
  const dead = (actual: string): Tried => {
    const finding = {
      ...about,
      operation: "use its key",
      bucket: null,
      key: null,
      expected: "allowed",
      actual,
    } as const;
    return { tries: 0, findings: [finding], administered: [], notTried: [] };
  };
  const credential = keys[identity.name];
  if (credential === undefined) return dead("the stack has no key for it");
  const probes = probesOf(
    identity,
    buckets.map(({ name }) => name),
    `bucketworks-verify-${randomBytes(6).toString("hex")}`,
  );
  if (!probes.some(({ allowed }) => allowed))
    return dead("it may do nothing: its policies and its user's have no right in common");
  const own = new LiveClient({ ...deployer.server, ...credential });
  const may = (operation: Operation, bucket: string, key: string): boolean => permits(identity, operation, bucket, key);
  try {
    const outcomes: [Probe, Outcome][] = [];
    for (const probe of probes) outcomes.push([probe, await tryOut(probe, { own, deployer, may })]);
    const findings = outcomes.flatMap(([{ operation, bucket, key, allowed }, actual]): IdentityFinding[] => {
      const expected = allowed ? "allowed" : "refused";
      return actual === expected || actual === "untried"
        ? []
        : [{ ...about, operation, bucket, key, expected, actual }];
    });
    const administered = await tryOwnAdministration(identity, { own, deployer });
    const tried = [...outcomes.map(([, outcome]) => outcome), ...administered.map(({ outcome }) => outcome)];
    return {
      tries: tried.filter((outcome) => outcome !== "untried").length,
      findings,
      administered: administered.map((each) => ({ ...about, ...each })),
      notTried: [],
    };
  } catch (error) {
    if (error instanceof DeadKey) return dead(`the server refuses its key (${error.message})`);
    if (!(error instanceof ReadError)) throw error;
    return { tries: 0, findings: [], administered: [], notTried: [{ ...about, reason: error.message }] };
  } finally {
    own.close();
  }
}

/**
 * What identities may do to themselves. Where the server refused one of them an account that isn't there, it asks before
 * it looks: then those that were told there is none were permitted.
 */
function ownAdministration(administered: Tried["administered"]): IdentityFinding[] {
  const asksFirst = new Set(
    administered.filter(({ outcome }) => outcome === "refused").map(({ operation }) => operation),
  );
  return administered
    .filter(({ operation, outcome }) => outcome === "allowed" || (outcome === "untried" && asksFirst.has(operation)))
    .map(({ identity, platform, operation, left }) => {
      const actual = left === undefined ? "allowed" : `allowed (${left})`;
      return { identity, platform, operation, bucket: null, key: null, expected: "refused", actual };
    });
}

function byIdentity(a: { identity: string }, b: { identity: string }): number {
  return a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0;
}
