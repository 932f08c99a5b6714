import { z } from "zod";

/** Type of the one resource whose inputs are read. */
const BUCKET_TYPE = "bucketworks:index:Bucket";

const bucketState = z.object({
  protect: z.boolean().optional(),
  /** As `bucketworks:index:Bucket` declares them: no secret is among them. */
  inputs: z.looseObject({
    bucket: z.string(),
    declared: z
      .looseObject({ platform: z.string(), onDelete: z.enum(["retain", "delete_if_empty", "purge"]) })
      .optional(),
  }),
});

export type BucketState = z.infer<typeof bucketState>;

const step = z.object({ op: z.string(), urn: z.string(), type: z.string(), diffs: z.array(z.string()).nullish() });
const bucketStep = step.extend({ old: bucketState.nullish(), new: bucketState.nullish() });

export type StepMetadata = z.infer<typeof bucketStep>;

/** Only of buckets is more than the name read. */
const metadata = z.unknown().transform((value, context): StepMetadata => {
  const isBucket = step.safeParse(value).data?.type === BUCKET_TYPE;
  const parsed = (isBucket ? bucketStep : step).safeParse(value);
  if (parsed.success) return parsed.data;
  context.addIssue("no step of the engine");
  return z.NEVER;
});
const stepEvent = z.object({ metadata });

/** What is read of each kind of event; whatever else one holds, secrets among it, goes no further. */
const EVENTS = {
  resourcePreEvent: stepEvent,
  resOutputsEvent: stepEvent,
  diagnosticEvent: z.object({ urn: z.string().optional(), severity: z.string(), message: z.string() }),
  errorEvent: z.object({ error: z.string() }),
  policyEvent: z.object({
    resourceUrn: z.string().optional(),
    policyName: z.string(),
    enforcementLevel: z.string(),
    severity: z.string().optional(),
    message: z.string(),
  }),
  summaryEvent: z.object({
    resourceChanges: z.record(z.string(), z.number()).nullish(),
    isPreview: z.boolean().optional(),
    result: z.string().optional(),
  }),
} as const;

export type EventKind = keyof typeof EVENTS;

type Known = { [Kind in EventKind]: { readonly kind: Kind; readonly event: z.infer<(typeof EVENTS)[Kind]> } };

/** An event that says something to a reviewer, without all that doesn't. */
export type PreviewEvent = Known[EventKind];

/** `ignored` is an event nobody needs, `unreadable` one whose kind is known and whose form isn't. */
export type ReadLine = PreviewEvent | { readonly kind: "ignored" | "unreadable" | "none" };

/** Stands, in what is stored, for an event of a known kind in an unknown form. */
const UNREADABLE = "unreadableEvent";

const KINDS = Object.keys(EVENTS) as EventKind[];

/** Of an update only the names of what it does are read, so that none is missed whatever form a state has. */
const UPDATE_EVENTS = { ...EVENTS, resOutputsEvent: z.object({ metadata: step }) };

/** Reads one line of the event stream of a preview; `none` is no event at all. */
export function readEvent(line: string): ReadLine {
  const read = readLine(line, EVENTS);
  return read.kind === "diagnosticEvent" && !isComplaint(read.event) ? { kind: "ignored" } : read;
}

/** As `readEvent`, of an update that runs; messages of every severity are among it, also those that hold secrets. */
export function readUpdateEvent(line: string): ReadLine {
  return readLine(line, UPDATE_EVENTS);
}

function readLine(line: string, events: typeof EVENTS | typeof UPDATE_EVENTS): ReadLine {
  const record = asRecord(line);
  if (record === undefined) return { kind: "none" };
  if (UNREADABLE in record) return { kind: "unreadable" };
  const kind = KINDS.find((each) => each in record);
  if (kind === undefined)
    return { kind: Object.keys(record).some((key) => key.endsWith("Event")) ? "ignored" : "none" };
  const parsed = events[kind].safeParse(record[kind]);
  return parsed.success ? ({ kind, event: parsed.data } as PreviewEvent) : { kind: "unreadable" };
}

/**
 * The line that may be stored of an event: what a comment needs. The engine's debug messages hold secrets in plaintext,
 * the state of identities holds them encrypted.
 * @returns undefined for an event that isn't needed
 */
export function keptEvent(line: string): string | undefined {
  const read = readEvent(line);
  if (read.kind === "ignored" || read.kind === "none") return undefined;
  return JSON.stringify("event" in read ? { [read.kind]: read.event } : { [UNREADABLE]: {} });
}

function isComplaint({ severity }: { readonly severity: string }): boolean {
  return severity === "error" || severity === "warning";
}

function asRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
