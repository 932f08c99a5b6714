import type { Access, Bucket, Platform, ResolvedModel } from "../config/model.ts";

/** All buckets of a model by name: that is what a bucket is known by on the server and in the stack. */
export function bucketsOf(model: ResolvedModel): ReadonlyMap<string, Bucket> {
  return new Map(model.platforms.flatMap(({ buckets }) => buckets).map((bucket) => [bucket.name, bucket]));
}

/** The identities of all platforms together, and where each comes from. */
export interface Identities extends Access {
  /** Name of a user, service account, group or policy -> its platform. */
  readonly platformOf: ReadonlyMap<string, string>;
}

export function identitiesOf({ platforms }: ResolvedModel): Identities {
  const all = <T>(of: (access: Access) => readonly T[]): T[] => platforms.flatMap(({ access }) => of(access));
  return {
    policies: all(({ policies }) => policies),
    groups: all(({ groups }) => groups),
    users: all(({ users }) => users),
    serviceAccounts: all(({ serviceAccounts }) => serviceAccounts),
    platformOf: new Map(platforms.flatMap(namesIn)),
  };
}

function namesIn({ name, access }: Platform): [string, string][] {
  const { policies, groups, users, serviceAccounts } = access;
  return [...policies, ...groups, ...users, ...serviceAccounts].map((part) => [part.name, name]);
}
