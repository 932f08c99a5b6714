import type { IdentityKind } from "./identity-resources.ts";

/** What a rotation came to, as outputs and server tell. */
export interface RotationOutcome {
  readonly identity: string;
  readonly kind: IdentityKind;
  readonly stack: string;
  /** URL of the server. */
  readonly endpoint: string;
  /** Whether the stack's outputs have another key than before. */
  readonly isInOutputs: boolean;
  /** False where the server can't end sessions; undefined for what opens none. */
  readonly hasEndedSessions: boolean | undefined;
  /** Why `pulumi up` failed; undefined where it didn't. */
  readonly failure: string | undefined;
}

/** The outcome of a rotation whose old key is refused now, a line each. */
export function outcomeLines(outcome: RotationOutcome): string[] {
  const { identity, kind, stack, endpoint, isInOutputs, failure } = outcome;
  const option = stack === "dev" ? "" : ` --stack ${stack}`;
  const show = `get it: bin/bucketworks key show ${identity}${option}`;
  return [
    ...(isInOutputs
      ? [`${identity} has a new key on ${endpoint}; ${ended(outcome)}`]
      : [`${ended(outcome)} on ${endpoint}`]),
    ...(failure === undefined
      ? []
      : [`but pulumi up of stack ${stack} failed after that; fix the cause, then run it again\n${failure}`]),
    ...(isInOutputs ? [show] : [`the stack's outputs don't have the new key of ${identity} yet; after that, ${show}`]),
    ...(kind === "user"
      ? ["what else was made with the old key (service accounts): bin/bucketworks scan names what no spec has"]
      : []),
  ];
}

function ended({ kind, endpoint, hasEndedSessions }: RotationOutcome): string {
  if (kind !== "user") return "the old key has ended";
  if (hasEndedSessions !== false) return "the old secret and every session of it have ended";
  return `the old secret has ended; the server at ${endpoint} has no call that ends sessions (revoke-tokens): those opened with the old secret end by expiry, after 365 days at most`;
}
