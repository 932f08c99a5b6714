import { accessPolicy } from "../../builders/access-policy.ts";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import { workloadManifests } from "../../builders/workloads/manifests.ts";
import type { Access, Bucket, ResolvedModel, Workload } from "../../config/model.ts";
import { isProgramImage } from "../../config/values/image.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { type BucketFacts, type Case, type Facts, type Judged, notHere, type StackFacts } from "../facts.ts";
import { WORKLOAD_KINDS, type WorkloadFacts } from "./kubernetes.ts";
import { type WorkloadSpec, workloadFacts } from "./workload.ts";

/** The facts a spec alone tells: the documents that would be written, but neither where the server is nor who deploys. */
export function factsOfModel({ platforms, stage }: ResolvedModel): Judged {
  const access = platforms.map((platform) => platform.access);
  return {
    bucket: platforms.flatMap(({ buckets }) =>
      buckets.map((bucket) => ({
        subject: { kind: "bucket" as const, name: bucket.name },
        facts: bucketFacts(bucket, stage),
      })),
    ),
    grant: access.flatMap((each) => [
      ...each.policies.map((policy) => ({
        subject: { kind: "policy" as const, name: policy.name },
        facts: { document: documentOf(each, [policy.name]) },
      })),
      ...each.serviceAccounts.map(({ name, policies }) => ({
        subject: { kind: "service account" as const, name },
        facts: { document: documentOf(each, policies) },
      })),
    ]),
    workload: platforms.flatMap(({ name, workloads }) => workloads.flatMap((each) => workloadCases(each, name))),
    resource: [],
    // No platform asks for these; those of a server are the stack's.
    service: [],
    namespace: [],
    stack: stackFacts(access),
  };
}

/** Where a workload will run says the stack: what rests on that isn't told here. */
const NOWHERE = {
  configDigest: "",
  namespace: "default",
  stage: "",
  image: "",
  programImages: {},
  imagePullSecret: undefined,
  server: "",
  caSecret: undefined,
  databaseCaSecret: undefined,
  backupTargets: {},
};

function workloadCases(workload: Workload, platform: string): Case<WorkloadFacts>[] {
  const subject = { kind: "workload" as const, name: workload.name };
  return workloadManifests(workload, { ...NOWHERE, platform }).flatMap(({ kind, spec }) => {
    const known = WORKLOAD_KINDS.find((each) => each === kind);
    if (known === undefined) return [];
    const facts = workloadFacts(known, spec as WorkloadSpec, (read) => read());
    return [{ subject, facts: { ...facts, place: notHere, ...(isOfStack(workload.image) && { images: notHere }) } }];
  });
}

/** Which image that is, the stack says. */
function isOfStack(image: string | null): boolean {
  return image === null || isProgramImage(image);
}

function bucketFacts(bucket: Bucket, stage: string): Facts<BucketFacts> {
  const { versioning, tags, lifecycle, objectLock, encryption, policy, quota, declared } = bucketInputs(bucket, stage);
  if (declared === undefined) throw new Error(`bucket ${bucket.name} declares nothing`);
  const { name, protect } = bucket;
  return { name, versioning, tags, lifecycle, objectLock, encryption, policy, quota, declared, protect };
}

function stackFacts(access: readonly Access[]): Facts<StackFacts> {
  const attached = (holder: "user" | "group", holders: Access["users"] | Access["groups"]) =>
    holders.flatMap(({ name, policies }) => policies.map((policy) => ({ holder, name, policy })));
  return {
    users: access.flatMap(({ users }) => users.map(({ name }) => name)),
    groups: access.flatMap(({ groups }) => groups.map(({ name }) => name)),
    policies: access.flatMap((each) => each.policies.map(({ name }) => ({ name, document: documentOf(each, [name]) }))),
    attachments: access.flatMap(({ users, groups }) => [...attached("user", users), ...attached("group", groups)]),
    memberships: access.flatMap(({ users }) =>
      users.flatMap(({ name, groups }) => groups.map((group) => ({ user: name, group }))),
    ),
    serviceAccounts: access.flatMap((each) =>
      each.serviceAccounts.map(({ name, user, policies }) => ({ name, user, document: documentOf(each, policies) })),
    ),
    servers: notHere,
    deployers: notHere,
    deployed: notHere,
  };
}

function documentOf({ policies }: Access, names: readonly string[]): PolicyDocument {
  return accessPolicy(policies.filter(({ name }) => names.includes(name)).flatMap(({ grants }) => grants));
}
