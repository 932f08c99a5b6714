import { readUpdateEvent } from "../../review/preview-events.ts";

/** What of an update's event stream (`pulumi up --json`, one object a line) is shown or remembered. */
export type EngineEvent =
  | { readonly kind: "message"; readonly severity: "error" | "warning" | "info"; readonly text: string }
  | { readonly kind: "changed"; readonly op: string; readonly type: string; readonly name: string }
  | { readonly kind: "summary"; readonly changes: Readonly<Record<string, number>> };

const STACK_TYPE = "pulumi:pulumi:Stack";
/** Steps that leave the resource as it was. */
const QUIET_OPS = ["same", "refresh", "read"];
const SEVERITIES: Readonly<Record<string, "error" | "warning" | "info">> = {
  error: "error",
  warning: "warning",
  info: "info",
  "info#err": "info",
};

/**
 * Reads one line of the stream.
 * @returns the event, undefined for events nobody needs, or the line itself when it isn't one (the engine speaks
 * plain text before its stream begins, for instance about a wrong passphrase)
 */
export function engineEvent(line: string): EngineEvent | string | undefined {
  const read = readUpdateEvent(line);
  switch (read.kind) {
    case "none":
      return line.trim() === "" ? undefined : line;
    case "diagnosticEvent":
      return message(read.event);
    case "policyEvent":
      return refusal(read.event);
    case "summaryEvent":
      return { kind: "summary", changes: read.event.resourceChanges ?? {} };
    case "resOutputsEvent": {
      const { op, type, urn } = read.event.metadata;
      if (type === STACK_TYPE || QUIET_OPS.includes(op)) return undefined;
      return { kind: "changed", op, type: type.split(":").at(-1) ?? type, name: urn.split("::").at(-1) ?? urn };
    }
    default:
      return undefined;
  }
}

/** What a rule refuses: its last line is the sentence, those before describe the rule. Advice refuses nothing. */
function refusal(rule: { policyName: string; enforcementLevel: string; message: string }): EngineEvent | undefined {
  if (rule.enforcementLevel !== "mandatory") return undefined;
  const sentence = rule.message.trim().split("\n").at(-1) ?? "";
  return { kind: "message", severity: "error", text: `${rule.policyName}: ${sentence}` };
}

interface Diagnostic {
  readonly severity: string;
  readonly message: string;
  readonly urn?: string | undefined;
}

function message({ severity: word, message: said, urn }: Diagnostic): EngineEvent | undefined {
  const severity = SEVERITIES[word];
  const text = said.trim();
  if (severity === undefined || text === "") return undefined;
  const name = urn?.split("::").at(-1);
  const about = name === undefined || text.includes(name) || urn?.includes(STACK_TYPE) ? "" : `${name}: `;
  return { kind: "message", severity, text: `${about}${text}` };
}
