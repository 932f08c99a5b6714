/** What buckets can tell of, as the spec calls it -> S3's name of all of that kind. */
const EVENT_WORDS = {
  created: "s3:ObjectCreated:*",
  removed: "s3:ObjectRemoved:*",
  accessed: "s3:ObjectAccessed:*",
  restored: "s3:ObjectRestore:*",
  moved: "s3:ObjectTransition:*",
  replicated: "s3:Replication:*",
} as const;

/** Every single event of objects that MinIO knows, by its kind. @see internal/event/name.go of its source */
const SINGLE = {
  "s3:ObjectCreated": [
    "Put",
    "Post",
    "Copy",
    "CompleteMultipartUpload",
    "PutRetention",
    "PutLegalHold",
    "PutTagging",
    "DeleteTagging",
  ],
  "s3:ObjectRemoved": ["Delete", "DeleteMarkerCreated", "DeleteAllVersions", "NoOP"],
  "s3:ObjectAccessed": ["Get", "Head", "GetRetention", "GetLegalHold", "Attributes"],
  "s3:ObjectRestore": ["Post", "Completed"],
  "s3:ObjectTransition": ["Failed", "Complete"],
  "s3:Replication": [
    "OperationFailedReplication",
    "OperationCompletedReplication",
    "OperationNotTracked",
    "OperationMissedThreshold",
    "OperationReplicatedAfterThreshold",
  ],
  "s3:LifecycleDelMarkerExpiration": ["Delete"],
  "s3:Scanner": ["ManyVersions", "LargeVersions", "BigPrefix"],
} as const;

const SINGLE_EVENTS = Object.entries(SINGLE).flatMap(([kind, names]) => names.map((name) => `${kind}:${name}`));
/** MinIO has no name for all events of the others. */
const KINDS = Object.values(EVENT_WORDS).map((name) => name.replace(/:\*$/, ""));

/** Everything that `events` of a spec takes. */
export const EVENTS: readonly [string, ...string[]] = [
  ...(Object.keys(EVENT_WORDS) as [string, ...string[]]),
  ...KINDS.map((kind) => `${kind}:*`),
  ...SINGLE_EVENTS,
];

/** S3's name of an event. */
export function eventName(event: string): string {
  return Object.hasOwn(EVENT_WORDS, event) ? EVENT_WORDS[event as keyof typeof EVENT_WORDS] : event;
}

/** The spec's word for an event, where it has one. */
export function eventWord(name: string): string {
  return Object.entries(EVENT_WORDS).find(([, each]) => each === name)?.[0] ?? name;
}

/** Events by S3's names, sorted, without those that another one of the list covers. */
export function eventNames(events: readonly string[]): string[] {
  const names = new Set(events.map(eventName));
  return [...names].filter((name) => !names.has(wholeOf(name)) || name === wholeOf(name)).sort();
}

function wholeOf(name: string): string {
  return name.replace(/:[^:]+$/, ":*");
}

/** Kinds of targets that MinIO has, as the last part of an ARN names them. */
export const TARGET_KINDS = [
  "webhook",
  "postgresql",
  "amqp",
  "elasticsearch",
  "kafka",
  "mqtt",
  "mysql",
  "nats",
  "nsq",
  "redis",
] as const;

const TARGET = new RegExp(`^[A-Za-z0-9_-]{1,64}:(?:${TARGET_KINDS.join("|")})$`);

/** `lake:webhook`, the name that its server was started with and its kind: the end of MinIO's ARN. */
export function isTarget(given: string): boolean {
  return TARGET.test(given);
}

/** Without the region, which the server adds itself: so it takes the rule whatever its region is called. */
export function targetArn(target: string): string {
  return `arn:minio:sqs::${target}`;
}

/** `lake:webhook` of `arn:minio:sqs:us-east-1:lake:webhook`; any other text as it is. */
export function targetOf(arn: string): string {
  return /^arn:minio:sqs:[^:]*:([^:]+:[^:]+)$/.exec(arn)?.[1] ?? arn;
}

/** `lake:webhook (created, removed; keys raw/*.csv)`. */
export function notificationText({ target, events, prefix, suffix }: Rule): string {
  const keys = prefix === "" && suffix === "" ? "" : `; keys ${prefix}*${suffix}`;
  return `${target} (${events.map(eventWord).join(", ")}${keys})`;
}

interface Rule {
  readonly target: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}
