import type { SubjectKind } from "./finding.ts";

/** How far ahead an entry may end: whoever answers for it says so again once a year. */
const LONGEST_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Entry {
  readonly kind: SubjectKind;
  readonly name: string;
  readonly expires: string;
}

export interface LimitFault {
  readonly key: "name" | "expires";
  /** A clause that says what is wrong and what to write. */
  readonly message: string;
}

/**
 * Why an entry hides more than somebody can answer for.
 * @param today `YYYY-MM-DD` in UTC
 */
export function limitFaults({ kind, name, expires }: Entry, today: string): LimitFault[] {
  const got = `got ${JSON.stringify(name)}`;
  const last = new Date(Date.parse(today) + LONGEST_DAYS * DAY_MS).toISOString().slice(0, 10);
  return [
    ...(namesAll(kind, name)
      ? [
          {
            key: "name" as const,
            message: `leaves out every ${kind}, ${got}; write the name, or how yours begin: "team-b-*"`,
          },
        ]
      : kind === "public grant" && name.endsWith("*")
        ? [
            {
              key: "name" as const,
              message: `what anyone may do is left out by its exact name alone, ${got}; an entry a bucket`,
            },
          ]
        : []),
    ...(expires > last
      ? [
          {
            key: "expires" as const,
            message: `must be ${last} at the latest, ${LONGEST_DAYS} days ahead, got "${expires}"; renew it then`,
          },
        ]
      : []),
  ];
}

/** Names of attachments begin with whose they are. */
const BEGINNINGS: Partial<Record<SubjectKind, readonly string[]>> = { attachment: ["user ", "group "] };

function namesAll(kind: SubjectKind, name: string): boolean {
  if (!name.endsWith("*")) return false;
  const beginning = name.slice(0, -1);
  return /^[*?]*$/.test(beginning) || (BEGINNINGS[kind] ?? []).some((each) => each.startsWith(beginning));
}
