/** `findings`: what is there isn't as it must be; `couldNotLook`: nobody answered, or refused to. */
export type FaultKind = "findings" | "couldNotLook";

/** What an operator can fix, in one sentence; nothing has changed on the server. */
export class DatabaseFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.name = "DatabaseFault";
    this.kind = kind;
  }
}

/** An error that the server itself sent, as pg gives it. */
interface ServerError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly severity: string;
}

/** What an operator does about a code, or about its class (the first two characters). */
const CURES: Readonly<Record<string, string>> = {
  "53100": "free some space on its disk, then run it again",
  "53200": "give it more memory, then run it again",
  "53300": "end some of its clients, then run it again",
  "57": "wait until it takes connections, then run it again",
  "42501": "give that right to the role, or run it as another one",
};

/** The sentence for an error that the server sent: never its fields, which hold SQL. Undefined for any other. */
export function databaseSentence(error: unknown): string | undefined {
  const { code, severity, message } = (error ?? {}) as Partial<ServerError>;
  if (typeof severity !== "string" || typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const cure = CURES[code] ?? CURES[code.slice(0, 2)] ?? "fix that, then run it again";
  return `PostgreSQL refuses: ${message} (SQLSTATE ${code}); ${cure}`;
}
