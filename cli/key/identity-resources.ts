import { previousName, replacedName } from "../../builders/previous-key.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import type { Deployment, StateResource } from "../recovery/recovery-plan.ts";

const TYPES = {
  user: "minio:index/iamUser:IamUser",
  "service account": "minio:index/iamServiceAccount:IamServiceAccount",
};

const TYPE_NAMES = Object.values(TYPES);

export type IdentityKind = keyof typeof TYPES;

/** A user or service account as the state has it. */
export interface IdentityResource {
  readonly urn: string;
  readonly kind: IdentityKind;
  readonly identity: string;
  /** Undefined before it was made. */
  readonly accessKey: string | undefined;
  /** Of a service account, for whom it acts on the server, whatever the specs say by now. */
  readonly user: string | undefined;
  /** When the engine made it; undefined where the state doesn't say. */
  readonly made: Date | undefined;
  /** The key that it had before, while that is taken still. */
  readonly previous: PreviousKey | undefined;
  /** URNs of what gives it rights: attachments and memberships, which go with it. */
  readonly attached: readonly string[];
}

export interface PreviousKey {
  readonly urn: string;
  readonly accessKey: string | undefined;
  /** For whom it acts on the server. */
  readonly user: string | undefined;
}

/** Reads users and service accounts out of a stack's state; no secret is decrypted. */
export async function identityResources(
  root: string,
  env: NodeJS.ProcessEnv,
  stack: string,
): Promise<IdentityResource[]> {
  return identitiesIn(await deploymentOf(root, env, stack));
}

/** The state of a stack as it is exported. */
export async function deploymentOf(root: string, env: NodeJS.ProcessEnv, stack: string): Promise<Deployment> {
  const exported = JSON.parse(await askPulumi(root, env, ["stack", "export", "--stack", stack]));
  return (exported as { deployment?: Deployment }).deployment ?? {};
}

/**
 * Logical names are `<platform>/<name>`; what is to be deleted is none any more. An account of which the state has the
 * former key alone is none: its new key was never made.
 */
export function identitiesIn({ resources = [] }: Deployment): IdentityResource[] {
  const there = resources.filter((each) => each.delete !== true);
  return there.flatMap((resource): IdentityResource[] => {
    const kind = (Object.keys(TYPES) as IdentityKind[]).find((each) => TYPES[each] === resource.type);
    const logical = logicalName(resource);
    if (kind === undefined || replacedName(logical) !== undefined) return [];
    const identity = logical.slice(logical.indexOf("/") + 1);
    const attached = resources.filter((each) => !TYPE_NAMES.includes(each.type) && dependsOn(each, resource));
    const { urn, created } = resource;
    const made = new Date(created ?? Number.NaN);
    const own = { urn, kind, identity, ...keyIn(resource), previous: previousOf(resource, there) };
    return [
      { ...own, made: Number.isNaN(made.getTime()) ? undefined : made, attached: attached.map((each) => each.urn) },
    ];
  });
}

/** Service accounts of which the state has the former key alone, by name: their new one is still to be made. */
export function halfIssued({ resources = [] }: Deployment): ReadonlyMap<string, PreviousKey> {
  const names = new Set(resources.map(({ urn }) => urn));
  return new Map(
    resources.flatMap((resource): [string, PreviousKey][] => {
      const logical = replacedName(logicalName(resource));
      if (resource.type !== TYPES["service account"] || logical === undefined) return [];
      if (names.has(resource.urn.slice(0, resource.urn.lastIndexOf("/")))) return [];
      return [[logical.slice(logical.indexOf("/") + 1), { urn: resource.urn, ...keyIn(resource) }]];
    }),
  );
}

function previousOf({ urn, type }: StateResource, there: readonly StateResource[]): PreviousKey | undefined {
  const found = there.find((each) => each.type === type && each.urn === previousName(urn));
  return found && { urn: found.urn, ...keyIn(found) };
}

function logicalName({ urn }: StateResource): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function dependsOn({ dependencies, delete: isGoing }: StateResource, { urn }: StateResource): boolean {
  return isGoing !== true && Array.isArray(dependencies) && dependencies.includes(urn);
}

function keyIn(resource: StateResource): Pick<PreviousKey, "accessKey" | "user"> {
  const user = resource.inputs?.targetUser;
  return { accessKey: idOf(resource), user: typeof user === "string" ? user : undefined };
}

function idOf({ id }: StateResource): string | undefined {
  return id === undefined || id === "" ? undefined : id;
}
