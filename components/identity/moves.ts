import * as pulumi from "@pulumi/pulumi";
import { IDENTITY_TYPES, type IdentityResource, identityResources } from "../../builders/identities.ts";
import type { ResolvedModel } from "../../config/model.ts";

/** What the state says of one resource; see `pulumi stack export`. */
export interface KnownResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}

/** An identity that the state knows under the name of another platform: its file was renamed, or it moved to another. */
export interface Move {
  readonly urn: string;
  /** Logical names, `<platform>/<name>`. */
  readonly from: string;
  readonly to: string;
}

/** By type and logical name, as `keyOf` puts them together. */
export type Moves = ReadonlyMap<string, Move>;

export function keyOf(type: string, name: string): string {
  return `${type}::${name}`;
}

/**
 * Identities whose platform alone is another one than before. Logical names are `<platform>/<name>`, so that the engine
 * would make each again and delete the old one, which is the same on the server. Only where it is certain: the state has
 * one of that type and name, no platform declares it there any more, and on the server it has the same name.
 */
export function movesOf(known: readonly KnownResource[], model: Pick<ResolvedModel, "platforms">): Moves {
  const all = model.platforms.flatMap(identityResources);
  const declared = new Map(all.map((each) => [keyOf(each.type, each.name), each]));
  const held = known
    .filter(({ type }) => type.startsWith(IDENTITY_TYPES))
    .map((each) => ({ ...each, name: nameOf(each) }));
  const names = new Set(held.map(({ type, name }) => keyOf(type, name)));
  const free = held.filter(({ type, name }) => !declared.has(keyOf(type, name)));
  const moves = new Map<string, Move>();
  for (const [key, each] of declared) {
    const { type, name } = each;
    if (names.has(key)) continue;
    const candidates = free.filter((found) => found.type === type && restOf(found.name) === restOf(name));
    const [only, ...others] = candidates;
    if (only === undefined || others.length > 0) continue;
    const id = idOf(each);
    if (id !== undefined && only.id !== id) continue;
    moves.set(key, { urn: only.urn, from: only.name, to: name });
  }
  return moves;
}

/** Its name on the server, where that is its id. */
function idOf(declared: IdentityResource): string | undefined {
  switch (declared.kind) {
    case "IamPolicy":
      return declared.policy.name;
    case "IamGroup":
      return declared.group;
    case "IamUser":
      return declared.user;
    default:
      return undefined;
  }
}

function nameOf({ urn }: KnownResource): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** What follows the platform, whose name has no slash. */
function restOf(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}

/** The commands that rename in the state what moved, a line each. */
export function renameCommands(moves: Moves, stack: string): string[] {
  return [...moves.values()].map(({ urn, to }) => `pulumi state rename --yes --stack ${stack} '${urn}' '${to}'`);
}

/** Options of a platform whose identities are found under their former names, and kept as they are. */
export function underFormerNames(moves: Moves): pulumi.ComponentResourceOptions {
  if (moves.size === 0) return {};
  const find: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
    const move = moves.get(keyOf(type, name));
    if (move === undefined) return undefined;
    return { props, opts: pulumi.mergeOptions(opts, { aliases: [{ name: move.from }] }) };
  };
  return { transformations: [find] };
}
