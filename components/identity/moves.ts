import * as pulumi from "@pulumi/pulumi";
import type { ResolvedModel } from "../../config/model.ts";

/** What the state says of one resource; see `pulumi stack export`. */
export interface KnownResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string | undefined;
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

const IDENTITY = "minio:index/";

export function keyOf(type: string, name: string): string {
  return `${type}::${name}`;
}

/**
 * Identities whose platform alone is another one than before. Logical names are `<platform>/<name>`, so that the engine
 * would make each anew and delete the old one, which is the same on the server. Only where it is certain: the state has
 * one of that type and name, no platform declares it there any more, and on the server it has the same name.
 */
export function movesOf(known: readonly KnownResource[], model: Pick<ResolvedModel, "platforms">): Moves {
  const declared = declaredIn(model);
  const held = known.filter(({ type }) => type.startsWith(IDENTITY)).map((each) => ({ ...each, name: nameOf(each) }));
  const names = new Set(held.map(({ type, name }) => keyOf(type, name)));
  const free = held.filter(({ type, name }) => !declared.has(keyOf(type, name)));
  const moves = new Map<string, Move>();
  for (const [key, { type, name, onServer }] of declared) {
    if (names.has(key)) continue;
    const candidates = free.filter((each) => each.type === type && restOf(each.name) === restOf(name));
    const [only, ...others] = candidates;
    if (only === undefined || others.length > 0) continue;
    if (onServer !== undefined && only.id !== onServer) continue;
    moves.set(key, { urn: only.urn, from: only.name, to: name });
  }
  return moves;
}

interface Declared {
  readonly type: string;
  readonly name: string;
  /** Its name on the server, where that is its id. */
  readonly onServer?: string;
}

/** Every identity of the model under its logical name, see identities.ts. */
function declaredIn({ platforms }: Pick<ResolvedModel, "platforms">): ReadonlyMap<string, Declared> {
  const all: Declared[] = platforms.flatMap(({ name: platform, access }) => {
    const of = (kind: string, parts: readonly string[], onServer?: string): Declared => ({
      type: `${IDENTITY}${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`,
      name: [platform, ...parts].join("/"),
      ...(onServer !== undefined && { onServer }),
    });
    return [
      ...access.policies.map(({ key, name }) => of("IamPolicy", [key], name)),
      ...access.groups.flatMap(({ name, policies }) => [
        of("IamGroup", [name], name),
        ...policies.map((policy) => of("IamGroupPolicyAttachment", [name, policy])),
      ]),
      ...access.users.flatMap(({ name, policies, groups }) => [
        of("IamUser", [name], name),
        ...policies.map((policy) => of("IamUserPolicyAttachment", [name, policy])),
        ...groups.map((group) => of("IamGroupUserAttachment", [name, group])),
      ]),
      ...access.serviceAccounts.map(({ name }) => of("IamServiceAccount", [name])),
    ];
  });
  return new Map(all.map((each) => [keyOf(each.type, each.name), each]));
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
