import { bucketInputs } from "../builders/bucket-inputs.ts";
import { type IdentityResource, identityResources } from "../builders/identities.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { LiveGroup, LiveServer, LiveUser, Look } from "../live/live-server.ts";
import { matchAccounts } from "./match-accounts.ts";

/** The parts of Pulumi's import file that are read or written here; everything else is carried along. */
export interface ImportFile {
  readonly nameTable?: Readonly<Record<string, string>>;
  /** Absent where there is none. */
  readonly resources?: readonly ImportResource[];
}

export interface ImportResource {
  readonly type: string;
  readonly name: string;
  readonly logicalName?: string;
  readonly id?: string;
  readonly component?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export interface Completed {
  readonly file: ImportFile;
  /** Logical names of resources to import. */
  readonly found: readonly string[];
  /** Those that the server hasn't either: the next update makes them. */
  readonly absent: readonly string[];
}

/** How one resource is imported. */
type Import = Pick<ImportResource, "id" | "inputs" | "outputs">;

/**
 * Fills the ids into the import file of a preview (`pulumi preview --import-file`), which lists what the stack lacks.
 * What the server lacks too is taken out.
 * @param taken access keys of service accounts that the stack has
 */
export function completeImports(
  file: ImportFile,
  model: ResolvedModel,
  live: LiveServer,
  taken: ReadonlySet<string>,
): Completed {
  const known = importsOf(model, live, taken);
  const found: string[] = [];
  const absent: string[] = [];
  const resources = (file.resources ?? []).flatMap((resource): ImportResource[] => {
    if (resource.component === true || isFrame(resource.type)) return [resource];
    const logical = resource.logicalName ?? resource.name;
    const own = known.get(`${resource.type} ${logical}`);
    (own === undefined ? absent : found).push(logical);
    return own === undefined ? [] : [{ ...resource, ...own }];
  });
  return { file: { ...file, resources }, found, absent };
}

/** The stack and its providers; what a Stash keeps is on no server. */
function isFrame(type: string): boolean {
  return type.startsWith("pulumi:") && type !== "pulumi:index:Stash";
}

/** Of what the server has, by type and logical name. */
function importsOf(model: ResolvedModel, live: LiveServer, taken: ReadonlySet<string>): Map<string, Import> {
  const accounts = matchAccounts(model, live, taken);
  const found = model.platforms.flatMap((platform) => [
    ...platform.buckets.map((bucket) => {
      const { name } = bucket;
      const { declared } = bucketInputs(bucket, model.stage);
      const there = readOf(live.buckets.get(name)) ?? null;
      return [
        `bucketworks:index:Bucket ${name}`,
        there === null ? undefined : { id: name, inputs: { declared } },
      ] as const;
    }),
    ...identityResources(platform).map(
      (each) => [`${each.type} ${each.name}`, identityOf(each, live, accounts)] as const,
    ),
  ]);
  return new Map(found.flatMap(([key, own]) => (own === undefined ? [] : [[key, own]])));
}

/** Undefined where the server hasn't got it, or doesn't tell. */
function identityOf(
  declared: IdentityResource,
  live: LiveServer,
  accounts: ReadonlyMap<string, string>,
): Import | undefined {
  const group = (name: string): LiveGroup | undefined => readOf(readOf(live.groups)?.get(name));
  const user = (name: string): LiveUser | undefined => readOf(live.users)?.get(name);
  const there = (is: boolean | undefined, id: string): Import | undefined => (is === true ? { id } : undefined);
  switch (declared.kind) {
    case "IamPolicy":
      return there((readOf(live.policies.get(declared.policy.name)) ?? null) !== null, declared.policy.name);
    case "IamGroup": {
      const { group: name } = declared;
      const found = group(name);
      if (found === undefined) return undefined;
      // The provider's own read of a group answers without its name, which the next preview would then set.
      return { id: name, inputs: { name }, outputs: { name, groupName: name, disableGroup: !found.enabled } };
    }
    case "IamGroupPolicyAttachment": {
      const { group: name, policy } = declared;
      return there(group(name)?.policies.includes(policy), `${name}/${policy}`);
    }
    case "IamUser":
      return there(user(declared.user) !== undefined, declared.user);
    case "IamUserPolicyAttachment": {
      const { user: name, policy } = declared;
      return there(user(name)?.policies.includes(policy), `${name}/${policy}`);
    }
    case "IamGroupUserAttachment": {
      const { group: name, user: member } = declared;
      return there(group(name)?.members.includes(member), `${name}/${member}`);
    }
    case "IamServiceAccount": {
      const key = accounts.get(declared.account.name);
      return there(key !== undefined, key ?? "");
    }
  }
}

function readOf<T>(look: Look<T> | undefined): T | undefined {
  return look !== undefined && "value" in look ? look.value : undefined;
}
