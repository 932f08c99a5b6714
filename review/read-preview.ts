import { grouped } from "./grouped.ts";
import { type BucketState, type PreviewEvent, readEvent, type StepMetadata } from "./preview-events.ts";

/** What the engine would do with one resource. */
export interface Step {
  readonly op: string;
  /** Last part of the type: `Bucket`, `IamPolicy`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Properties that change. */
  readonly diffs: readonly string[];
}

/** A step of a bucket, with its inputs before and after. */
export interface BucketStep extends Step {
  readonly protect: boolean;
  readonly old: BucketState["inputs"] | undefined;
  readonly new: BucketState["inputs"] | undefined;
}

export interface PolicyFinding {
  readonly policy: string;
  /** `mandatory`, `advisory`, ... */
  readonly level: string;
  readonly severity: string | undefined;
  /** Logical name of the resource; undefined for the stack as a whole. */
  readonly resource: string | undefined;
  /** What is wrong, and its cure. */
  readonly message: string;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly resource: string | undefined;
  readonly message: string;
}

/** What one `pulumi preview` said. */
export interface Preview {
  /** Null where no resource was reached. */
  readonly stack: string | null;
  /** `incomplete`: the stream breaks off before its summary. */
  readonly result: "succeeded" | "failed" | "canceled" | "incomplete";
  /** One for each resource that doesn't stay the same. */
  readonly steps: readonly Step[];
  /** By bucket name, unchanged ones too. */
  readonly buckets: ReadonlyMap<string, BucketStep>;
  /** How many resources each operation takes; empty without a summary. */
  readonly counts: Readonly<Record<string, number>>;
  readonly policies: readonly PolicyFinding[];
  readonly diagnostics: readonly Diagnostic[];
  /** Events of a known kind in an unknown form. */
  readonly unreadable: number;
}

/** True for an operation that ends a resource: `delete`, `replace` and its parts. */
export function destroys(op: string): boolean {
  return /^delete|replace/.test(op);
}

/** Why a text isn't the events of a preview. */
export type NoPreview = "no events" | "an update's events";

/** Reads what `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json` prints. */
export function readPreview(text: string): Preview | NoPreview {
  const lines = text.split("\n").map((line) => readEvent(line.trim()));
  if (lines.every(({ kind }) => kind === "none")) return "no events";
  const gathered = new Gathered();
  for (const line of lines) {
    if ("event" in line) gathered.take(line);
    else if (line.kind === "unreadable") gathered.unreadable += 1;
  }
  return gathered.ofUpdate ? "an update's events" : gathered.preview();
}

/** Beside it stands the reason: a diagnostic of its own, or a policy's finding. */
const SAYS_NOTHING = ["", "preview failed"];

/** One preview, while its events are read. */
class Gathered {
  unreadable = 0;
  ofUpdate = false;
  readonly #steps: StepMetadata[] = [];
  readonly #policies: PolicyFinding[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #summary: Extract<PreviewEvent, { kind: "summaryEvent" }>["event"] | undefined;

  take({ kind, event }: PreviewEvent): void {
    switch (kind) {
      case "resourcePreEvent":
      case "resOutputsEvent":
        this.#steps.push(event.metadata);
        break;
      case "diagnosticEvent":
        this.#complain(event.severity === "error" ? "error" : "warning", event.message, event.urn);
        break;
      case "errorEvent":
        this.#complain("error", event.error, undefined);
        break;
      case "policyEvent":
        this.#policies.push({
          policy: event.policyName,
          level: event.enforcementLevel,
          severity: event.severity,
          resource: resourceName(event.resourceUrn),
          message: event.message,
        });
        break;
      case "summaryEvent":
        this.ofUpdate ||= event.isPreview === false;
        this.#summary = event;
    }
  }

  #complain(severity: Diagnostic["severity"], message: string, urn: string | undefined): void {
    const text = message.trim();
    const known = this.#diagnostics.some((each) => each.message === text);
    if (!SAYS_NOTHING.includes(text) && !known)
      this.#diagnostics.push({ severity, resource: resourceName(urn), message: text });
  }

  preview(): Preview {
    const [first] = this.#steps;
    const merged = grouped(this.#steps, ({ type, urn }) => `${type} ${nameOf(urn)}`).map(mergedStep);
    const buckets = merged.filter((step): step is BucketStep => "protect" in step);
    return {
      stack: first === undefined ? null : (/^urn:pulumi:(.*?)::/.exec(first.urn)?.[1] ?? null),
      result: this.#result(),
      steps: merged.filter(({ op }) => op !== "same" && op !== "read" && op !== "refresh"),
      buckets: new Map(buckets.map((step) => [step.name, step])),
      counts: this.#summary?.resourceChanges ?? {},
      policies: this.#policies,
      diagnostics: this.#diagnostics,
      unreadable: this.unreadable,
    };
  }

  #result(): Preview["result"] {
    const result = this.#summary?.result;
    const hasError = this.#diagnostics.some(({ severity }) => severity === "error");
    if (result === "failed" || result === "canceled") return result;
    if (this.#summary === undefined) return "incomplete";
    return hasError ? "failed" : "succeeded";
  }
}

/** The same resource by two names of its parents counts once; one deleted there and made here is replaced. */
function mergedStep(all: readonly [StepMetadata, ...StepMetadata[]]): Step | BucketStep {
  const [first] = all;
  const ops = new Set(all.map(({ op }) => op).filter((op) => op !== "same"));
  const [only = "same"] = ops;
  const op = ops.size > 1 && [...ops].some(destroys) ? "replace" : only;
  const diffs = [...new Set(all.flatMap((each) => each.diffs ?? []))].sort();
  const step = { op, type: first.type.split(":").at(-1) ?? first.type, name: nameOf(first.urn), diffs };
  const [old, made] = [all.find((each) => each.old)?.old, all.find((each) => each.new)?.new];
  if (!old && !made) return step;
  return { ...step, protect: old?.protect ?? false, old: old?.inputs, new: made?.inputs };
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::") || urn;
}

/** Undefined for the stack itself. */
function resourceName(urn: string | undefined): string | undefined {
  return urn === undefined || urn.includes("::pulumi:pulumi:Stack::") ? undefined : nameOf(urn);
}
