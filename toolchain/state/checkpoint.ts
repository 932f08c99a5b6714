/** What a file of Pulumi's local backend holds: a state, or something nothing may be built upon. */
export type Verdict =
  | { readonly kind: "whole"; readonly resources: number }
  /** `why` completes "the state is ...". */
  | { readonly kind: "damaged"; readonly why: string };

/** Judges the text of a state file by its shape (pulumi's apitype.VersionedCheckpoint); pure. */
export function judgeCheckpoint(text: string): Verdict {
  const bytes = `${Buffer.byteLength(text)} bytes`;
  if (text.trim() === "") return damaged("empty");
  if (/^\0+$/.test(text)) return damaged(`nothing but zeros (${bytes})`);
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return damaged(`cut off or garbled (${bytes} that are no JSON)`);
  }
  if (!isRecord(state) || !Number.isInteger(state.version) || !isRecord(state.checkpoint)) {
    return damaged(`no state of Pulumi (${bytes} without a version and a checkpoint)`);
  }
  const latest = state.checkpoint.latest ?? {};
  const resources = isRecord(latest) ? (latest.resources ?? []) : undefined;
  if (!Array.isArray(resources) || !resources.every(isResource)) return damaged(`garbled (its resources, ${bytes})`);
  return { kind: "whole", resources: resources.filter(({ type }) => type !== STACK_TYPE).length };
}

const STACK_TYPE = "pulumi:pulumi:Stack";

function damaged(why: string): Verdict {
  return { kind: "damaged", why };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isResource(value: unknown): value is { urn: string; type: string } {
  return isRecord(value) && typeof value.urn === "string" && typeof value.type === "string";
}
