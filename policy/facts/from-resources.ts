import type { BucketSettings, PolicyDocument } from "../../provider/bucket-types.ts";
import { canonicalPolicy } from "../../provider/canonical.ts";
import type { BucketFacts, Case, Fact, Facts, GrantFacts, SingleFacts, StackFacts } from "../facts.ts";
import { namespaceOf, serviceOf, workloadOf } from "./from-kubernetes.ts";
import { plain, text } from "./known-value.ts";
import { fact, type RegisteredResource } from "./resource.ts";

const BUCKET = "bucketworks:index:Bucket";
const POLICY = "minio:index/iamPolicy:IamPolicy";
const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";
const USER = "minio:index/iamUser:IamUser";
const GROUP = "minio:index/iamGroup:IamGroup";
const OF_USER = "minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment";
const OF_GROUP = "minio:index/iamGroupPolicyAttachment:IamGroupPolicyAttachment";
const MEMBERSHIP = "minio:index/iamGroupUserAttachment:IamGroupUserAttachment";
/** The members of a group, all at once. */
const MEMBERS = "minio:index/iamGroupMembership:IamGroupMembership";
/** A policy that is made for one group and attached to it. */
const GROUP_POLICY = "minio:index/iamGroupPolicy:IamGroupPolicy";
const OF_MINIO = "minio:index/";
const READ = new Set([POLICY, ACCOUNT, USER, GROUP, OF_USER, OF_GROUP, MEMBERSHIP, MEMBERS, GROUP_POLICY]);
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const SERVERS = new Set(["pulumi:providers:bucketworks", "pulumi:providers:minio"]);

/** Read what rules judge one by one; undefined of a resource that is none of it. */
export const readers: {
  readonly [K in keyof SingleFacts]: (resource: RegisteredResource) => Case<SingleFacts[K]> | undefined;
} = {
  resource: ({ type, name, urn }) =>
    type.startsWith(OF_MINIO) && !READ.has(type)
      ? { subject: { kind: "resource", name, urn }, facts: { type } }
      : undefined,
  bucket: (resource) => (resource.type === BUCKET ? bucketOf(resource) : undefined),
  grant: (resource) => (isPolicy(resource) || resource.type === ACCOUNT ? grantOf(resource) : undefined),
  workload: workloadOf,
  service: serviceOf,
  namespace: namespaceOf,
};

/** The one bucket of a resource of type Bucket. */
export function bucketOf({ props, opts, urn, name }: RegisteredResource): Case<BucketFacts> {
  const known = <T>(read: () => T): Fact<T> => fact(read);
  const setting = <K extends keyof BucketSettings>(key: K) => known(() => plain(props[key]) as BucketSettings[K]);
  const facts: Facts<BucketFacts> = {
    name: known(() => text(props.bucket)),
    versioning: known(() => plain(props.versioning) === true),
    tags: known(() => (plain(props.tags) ?? {}) as BucketSettings["tags"]),
    lifecycle: known(() => (plain(props.lifecycle) ?? []) as BucketSettings["lifecycle"]),
    objectLock: setting("objectLock"),
    encryption: setting("encryption"),
    policy: setting("policy"),
    quota: setting("quota"),
    declared: known(
      () => (plain(props.declared) ?? { stage: "", platform: "", onDelete: "retain" }) as BucketFacts["declared"],
    ),
    protect: opts.protect,
  };
  return { subject: { kind: "bucket", name: typeof facts.name === "string" ? facts.name : name, urn }, facts };
}

/** The document of an IAM policy or a service account. */
export function grantOf(resource: RegisteredResource): Case<GrantFacts> {
  const { props, urn } = resource;
  const kind = isPolicy(resource) ? "policy" : "service account";
  const name = kind === "policy" ? fact(() => text(props.name)) : "";
  return {
    subject: { kind, name: typeof name === "string" && name !== "" ? name : lastPart(resource.name), urn },
    facts: { document: fact(() => documentOf(props.policy)) },
  };
}

/** What the identities of a stack together show. A list with one unknown value in it is unknown. */
export function stackOf(resources: readonly RegisteredResource[]): Facts<StackFacts> {
  const all = <T>(types: readonly string[], read: (resource: RegisteredResource) => T | readonly T[]): Fact<T[]> =>
    fact(() => resources.filter(({ type }) => types.includes(type)).flatMap(read));
  const servers = resources.filter(({ type }) => SERVERS.has(type));
  return {
    users: all([USER], ({ props }) => text(props.name)),
    groups: all([GROUP], ({ props }) => text(props.name)),
    policies: all([POLICY, GROUP_POLICY], ({ props }) => ({
      name: text(props.name),
      document: documentOf(props.policy),
    })),
    attachments: all([OF_USER, OF_GROUP, GROUP_POLICY], ({ type, props }) => {
      if (type === GROUP_POLICY) return { holder: "group", name: text(props.group), policy: text(props.name) };
      const holder = type === OF_USER ? ("user" as const) : ("group" as const);
      return {
        holder,
        name: text(holder === "user" ? props.userName : props.groupName),
        policy: text(props.policyName),
      };
    }),
    memberships: all([MEMBERSHIP, MEMBERS], ({ type, props }) => {
      if (type === MEMBERSHIP) return { user: text(props.userName), group: text(props.groupName) };
      return (plain(props.users) as string[]).map((user) => ({ user, group: text(props.group) }));
    }),
    serviceAccounts: all([ACCOUNT], ({ name, props }) => ({
      name: lastPart(name),
      user: text(props.targetUser),
      document: documentOf(props.policy),
    })),
    deployed: fact(() => resources.filter(({ type }) => type === STATEFUL_SET).flatMap(deployedServer)),
    servers: fact(() => [...new Set(servers.map(urlOf))]),
    deployers: fact(() => [...new Set(servers.map(({ props }) => text(props.rootUser ?? props.minioUser)))]),
  };
}

interface StatefulSet {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Record<string, string> };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** None where it is another program's. */
function deployedServer({ props }: RegisteredResource): { name: string; staleUploadsExpiry: string | undefined }[] {
  const { metadata, spec } = props as unknown as StatefulSet;
  if (metadata.labels?.["app.kubernetes.io/name"] !== "minio") return [];
  const variables = spec.template.spec.containers.flatMap(({ env = [] }) =>
    env.map(({ name, value }) => ({ name, value })),
  );
  const expiry = variables.find(({ name }) => name === "MINIO_API_STALE_UPLOADS_EXPIRY");
  return [{ name: `${metadata.namespace}/${metadata.name}`, staleUploadsExpiry: expiry?.value }];
}

function isPolicy({ type }: RegisteredResource): boolean {
  return type === POLICY || type === GROUP_POLICY;
}

function urlOf({ props }: RegisteredResource): string {
  const secure = String(props.secure ?? props.minioSsl) === "true";
  return `${secure ? "https" : "http"}://${text(props.endpoint ?? props.minioServer)}`;
}

/** A service account without a document of its own adds nothing: it may do what its user may, which is judged there. */
function documentOf(policy: unknown): PolicyDocument {
  const given = text(policy);
  if (given === "") return { Version: "2012-10-17", Statement: [] };
  return canonicalPolicy(JSON.parse(given) as PolicyDocument);
}

/** Of the logical name `<platform>/<name>`. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
