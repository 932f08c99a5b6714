import type { ResolvedModel } from "../config/model.ts";
import type { LiveServer, Look } from "../live/live-server.ts";
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

function isThere(look: Look<unknown> | undefined): boolean {
  return look !== undefined && "value" in look && look.value !== null;
}

/** By type and logical name; the names are those of `components/`. */
function importsOf(model: ResolvedModel, live: LiveServer, taken: ReadonlySet<string>): Map<string, Import> {
  const found = new Map<string, Import>();
  const add = (type: string, parts: readonly string[], there: boolean, own: Import): void => {
    if (there) found.set(`${type} ${parts.join("/")}`, own);
  };
  const users = "value" in live.users ? live.users.value : new Map<string, never>();
  const groups = "value" in live.groups ? live.groups.value : new Map<string, never>();
  const accounts = matchAccounts(model, live, taken);
  for (const { name: platform, buckets, access } of model.platforms) {
    for (const { name, layer, retentionDays, onDelete } of buckets) {
      const declared = {
        stage: model.stage,
        platform,
        ...(layer !== null && { layer }),
        ...(retentionDays !== null && { retentionDays }),
        onDelete,
      };
      add("bucketworks:index:Bucket", [name], isThere(live.buckets.get(name)), { id: name, inputs: { declared } });
    }
    for (const { key, name } of access.policies) {
      add("minio:index/iamPolicy:IamPolicy", [platform, key], isThere(live.policies.get(name)), { id: name });
    }
    for (const { name, policies: attached } of access.groups) {
      const look = groups.get(name);
      const group = look !== undefined && "value" in look ? look.value : undefined;
      // The provider's own read of a group answers without its name, which the next preview would then set.
      const outputs = { name, groupName: name, disableGroup: group?.enabled === false };
      add("minio:index/iamGroup:IamGroup", [platform, name], group !== undefined, {
        id: name,
        inputs: { name },
        outputs,
      });
      for (const policy of attached) {
        const type = "minio:index/iamGroupPolicyAttachment:IamGroupPolicyAttachment";
        add(type, [platform, name, policy], group?.policies.includes(policy) === true, { id: `${name}/${policy}` });
      }
    }
    for (const { name, policies: attached, groups: joined } of access.users) {
      const user = users.get(name);
      add("minio:index/iamUser:IamUser", [platform, name], user !== undefined, { id: name });
      for (const policy of attached) {
        const type = "minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment";
        add(type, [platform, name, policy], user?.policies.includes(policy) === true, { id: `${name}/${policy}` });
      }
      for (const group of joined) {
        const look = groups.get(group);
        const member = look !== undefined && "value" in look && look.value.members.includes(name);
        const type = "minio:index/iamGroupUserAttachment:IamGroupUserAttachment";
        add(type, [platform, name, group], member, { id: `${group}/${name}` });
      }
    }
    for (const { name } of access.serviceAccounts) {
      const key = accounts.get(name);
      const type = "minio:index/iamServiceAccount:IamServiceAccount";
      add(type, [platform, name], key !== undefined, { id: key ?? "" });
    }
  }
  return found;
}
