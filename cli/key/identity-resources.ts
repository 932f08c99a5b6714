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
  /** URNs of what gives it rights: attachments and memberships, which go with it. */
  readonly attached: readonly string[];
}

/** Reads users and service accounts out of a stack's state; no secret is decrypted. */
export async function identityResources(
  root: string,
  env: NodeJS.ProcessEnv,
  stack: string,
): Promise<IdentityResource[]> {
  const exported = JSON.parse(await askPulumi(root, env, ["stack", "export", "--stack", stack]));
  return identitiesIn((exported as { deployment?: Deployment }).deployment ?? {});
}

/** Logical names are `<platform>/<name>`; what is to be deleted is none any more. */
export function identitiesIn({ resources = [] }: Deployment): IdentityResource[] {
  return resources.flatMap((resource): IdentityResource[] => {
    const kind = (Object.keys(TYPES) as IdentityKind[]).find((each) => TYPES[each] === resource.type);
    if (kind === undefined || resource.delete === true) return [];
    const name = resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
    const identity = name.slice(name.indexOf("/") + 1);
    const attached = resources.filter((each) => !TYPE_NAMES.includes(each.type) && dependsOn(each, resource));
    return [{ urn: resource.urn, kind, identity, accessKey: idOf(resource), attached: attached.map(({ urn }) => urn) }];
  });
}

function dependsOn({ dependencies, delete: isGoing }: StateResource, { urn }: StateResource): boolean {
  return isGoing !== true && Array.isArray(dependencies) && dependencies.includes(urn);
}

function idOf({ id }: StateResource): string | undefined {
  return id === undefined || id === "" ? undefined : id;
}
