import type { NamespaceFacts, Security, ServiceFacts, WorkloadFacts } from "../../policy/facts/kubernetes.ts";
import type { BucketFacts, GrantFacts, StackFacts } from "../../policy/facts.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

/** A bucket that keeps every policy. */
export const VALID_BUCKET: BucketFacts = {
  name: "market-data-raw",
  versioning: true,
  tags: { data_type: "market_data" },
  lifecycle: [
    {
      ID: "noncurrent",
      Status: "Enabled",
      Filter: {},
      Expiration: { ExpiredObjectDeleteMarker: true },
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    },
    { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 90 } },
  ],
  objectLock: undefined,
  encryption: { algorithm: "AES256" },
  policy: undefined,
  quota: 2 ** 40,
  declared: { stage: "production", platform: "p", layer: "L0", retentionDays: 90, onDelete: "retain" },
  protect: true,
};

type Change = { readonly [K in keyof BucketFacts["declared"]]?: BucketFacts["declared"][K] | undefined };

/** What is declared of that bucket, with a change. */
export function declared(change: Change): BucketFacts["declared"] {
  const { declared } = VALID_BUCKET;
  return Object.fromEntries(
    Object.entries({ ...declared, ...change }).filter(([, value]) => value !== undefined),
  ) as unknown as BucketFacts["declared"];
}

/** A document of one statement that allows. */
export function allowing(Action: string | string[], Resource: string | string[], more: object = {}): PolicyDocument {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource, ...more }] };
}

const READER = allowing(["s3:GetObject"], ["arn:aws:s3:::market-data-raw/*"]);

export const VALID_GRANT: GrantFacts = { document: READER };

/** Identities that keep every policy. */
export const VALID_STACK: StackFacts = {
  users: ["p-job", "ana"],
  groups: ["p-readers"],
  policies: [{ name: "p-reader", document: READER }],
  attachments: [
    { holder: "user", name: "p-job", policy: "p-reader" },
    { holder: "group", name: "p-readers", policy: "p-reader" },
  ],
  memberships: [{ user: "ana", group: "p-readers" }],
  serviceAccounts: [{ name: "p-job-key", user: "p-job", document: READER }],
  servers: ["https://minio.example:9000"],
  deployers: ["bucketworks-deployer"],
  deployed: [{ name: "minio/minio", staleUploadsExpiry: "24h" }],
};

/** Security context of a container that keeps every policy. */
export const VALID_SECURITY: Security = {
  runAsNonRoot: true,
  runAsUser: 1000,
  privileged: undefined,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  drop: ["ALL"],
  add: [],
  seccomp: "RuntimeDefault",
};

/** A Deployment of one container, `app`, that keeps every policy. */
export const VALID_WORKLOAD: WorkloadFacts = {
  place: "mlops/app",
  images: [{ container: "app", image: "registry.example:5000/app:1.2.3" }],
  resources: [{ container: "app", requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "128Mi" } }],
  security: [{ container: "app", ...VALID_SECURITY }],
  host: { namespaces: [], paths: [], ports: [] },
  probes: [{ container: "app", readiness: true, liveness: true }],
  end: { expected: false, deadline: undefined },
  literals: [{ container: "app", variable: "LOG_LEVEL", value: "info" }],
  token: { automount: false, projected: false },
  claims: { templates: 0, whenDeleted: undefined, whenScaled: undefined },
};

export const VALID_SERVICE: ServiceFacts = { place: "mlops/app", type: "ClusterIP", externalIPs: [] };

export const VALID_NAMESPACE: NamespaceFacts = { labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
