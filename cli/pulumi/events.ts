/** What of the engine's event stream (`pulumi up --json`, one object a line) this project shows or reads. */
export type EngineEvent =
  | { readonly kind: "message"; readonly severity: "error" | "warning" | "info"; readonly text: string }
  | { readonly kind: "changed"; readonly op: string; readonly type: string; readonly name: string }
  | { readonly kind: "failed"; readonly op: string; readonly type: string; readonly name: string }
  | { readonly kind: "summary"; readonly changes: Readonly<Record<string, number>>; readonly seconds: number };

const STACK_TYPE = "pulumi:pulumi:Stack";
/** Steps that leave the resource as it was. */
const QUIET_OPS = ["same", "refresh", "read"];

/**
 * Reads one line of the stream.
 * @returns the event, undefined for events nobody needs, or the line itself when it isn't one (the engine speaks
 * plain text before its stream begins, for instance about a wrong passphrase)
 */
export function readEvent(line: string): EngineEvent | string | undefined {
  if (!line.startsWith("{")) return line.trim() === "" ? undefined : line;
  let raw: RawEvent;
  try {
    raw = JSON.parse(line);
  } catch {
    return line;
  }
  if (raw.diagnosticEvent) return message(raw.diagnosticEvent);
  if (raw.resOpFailedEvent) return { kind: "failed", ...resource(raw.resOpFailedEvent.metadata) };
  if (raw.summaryEvent) {
    return {
      kind: "summary",
      changes: raw.summaryEvent.resourceChanges ?? {},
      seconds: raw.summaryEvent.durationSeconds,
    };
  }
  const metadata = raw.resOutputsEvent?.metadata;
  if (metadata === undefined || metadata.type === STACK_TYPE || QUIET_OPS.includes(metadata.op)) return undefined;
  return { kind: "changed", ...resource(metadata) };
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

interface RawEvent {
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string; readonly urn?: string };
  readonly resOutputsEvent?: { readonly metadata: Metadata };
  readonly resOpFailedEvent?: { readonly metadata: Metadata };
  readonly summaryEvent?: { readonly resourceChanges?: Record<string, number>; readonly durationSeconds: number };
}

function message(event: NonNullable<RawEvent["diagnosticEvent"]>): EngineEvent | undefined {
  const severity = event.severity === "info#err" ? "info" : event.severity;
  if (severity !== "error" && severity !== "warning" && severity !== "info") return undefined;
  const text = event.message.trim();
  const name = event.urn?.split("::").at(-1);
  const about = name === undefined || text.includes(name) || event.urn?.includes(STACK_TYPE) ? "" : `${name}: `;
  return text === "" ? undefined : { kind: "message", severity, text: `${about}${text}` };
}

function resource({ op, urn, type }: Metadata): { op: string; type: string; name: string } {
  return { op, type: type.split(":").at(-1) ?? type, name: urn.split("::").at(-1) ?? urn };
}
