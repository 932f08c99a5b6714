import { accessPolicy } from "../../builders/access-policy.ts";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type {
  LiveAccount,
  LiveBucket,
  LiveGroup,
  LiveServer,
  LiveTier,
  LiveUser,
  Look,
} from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

/** A server that is exactly as the model says, with MinIO's own policies; `changes` replace whole parts of it. */
export function liveServer(model: ResolvedModel, changes: Partial<LiveServer> = {}): LiveServer {
  const buckets = new Map<string, Look<LiveBucket | null>>();
  const policies = new Map<string, Look<PolicyDocument | null>>(
    Object.entries(BUILT_IN).map(([name, value]) => [name, { value }]),
  );
  const users = new Map<string, LiveUser>();
  const groups = new Map<string, Look<LiveGroup>>();
  const accounts: LiveAccount[] = [];
  for (const platform of model.platforms) {
    for (const bucket of platform.buckets) buckets.set(bucket.name, { value: liveBucket(bucketInputs(bucket, "dev")) });
    const { access } = platform;
    for (const { name, grants } of access.policies) policies.set(name, { value: accessPolicy(grants) });
    for (const { name, policies: attached } of access.users) users.set(name, { enabled: true, policies: attached });
    for (const { name, policies: attached } of access.groups) {
      const members = access.users.filter((user) => user.groups.includes(name)).map((user) => user.name);
      groups.set(name, { value: { enabled: true, members, policies: attached } });
    }
    for (const account of access.serviceAccounts) {
      const own = access.policies.filter(({ name }) => account.policies.includes(name));
      const policy = accessPolicy(own.flatMap(({ grants }) => grants));
      const detail = { value: { enabled: true, policy } };
      accounts.push({ accessKey: `KEY-${account.name}`, user: account.user, expires: null, detail });
    }
  }
  return {
    url: "http://server:9000",
    buckets,
    bucketList: { value: true },
    users: { value: users },
    groups: { value: groups },
    policies,
    policyList: { value: true },
    accounts: { value: accounts },
    tiers: { value: [] },
    targets: { value: [] },
    sites: { value: [] },
    jobs: { value: [] },
    configuration: { value: new Map() },
    ...changes,
  };
}

export function liveBucket(settings: Partial<LiveBucket["settings"]> = {}): LiveBucket {
  const none = { versioning: false, tags: {}, lifecycle: [] };
  return { settings: { ...none, ...settings }, beyond: {}, notifications: [], replication: [] };
}

const BUILT_IN = {
  readwrite: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] }],
  },
};

/** A remote tier as it is read. */
export function liveTier(name: string, changes: Partial<LiveTier> = {}): LiveTier {
  const place = { endpoint: "https://cold.example:9000", bucket: "archive", prefix: "", region: "", storageClass: "" };
  return { name, type: "minio", ...place, ...changes };
}
