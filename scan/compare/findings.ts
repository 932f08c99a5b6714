import type { Look } from "../../live/live-server.ts";
import type { Finding, NotLooked, SubjectKind } from "../finding.ts";

/** What a comparison of one part answers. */
export interface Compared {
  readonly findings: readonly Finding[];
  readonly notLooked: readonly NotLooked[];
}

export const NOTHING: Compared = { findings: [], notLooked: [] };

export function together(parts: readonly Compared[]): Compared {
  return {
    findings: parts.flatMap(({ findings }) => findings),
    notLooked: parts.flatMap(({ notLooked }) => notLooked),
  };
}

/** Compares what was read, or says why it wasn't. */
export function where<T>(
  look: Look<T>,
  kind: SubjectKind,
  name: string | null,
  compare: (value: T) => Compared,
): Compared {
  if ("value" in look) return compare(look.value);
  return { findings: [], notLooked: [{ subject: { kind, name }, reason: look.reason }] };
}

type Of = Pick<Finding, "severity" | "platform" | "message"> & Partial<Pick<Finding, "path" | "expected" | "actual">>;

export function finding(kind: Finding["kind"], subject: Finding["subject"], of: Of): Finding {
  const { severity, platform, path = "", expected = null, actual = null, message } = of;
  return { kind, severity, subject, platform, path, expected, actual, message };
}
