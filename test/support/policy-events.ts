import type { Outcome } from "./checkout.ts";

/** What a policy pack said of a resource or of the stack. */
export interface PolicyEvent {
  readonly policyName: string;
  readonly enforcementLevel: string;
  /** Its last line is the rule's own sentence, the lines before are its description. */
  readonly message: string;
}

/** The policy events of a preview or analysis that streamed its events as JSON, one a line. */
export function policyEvents({ stdout }: Outcome): PolicyEvent[] {
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return lines.flatMap((line) => {
    const { policyEvent } = JSON.parse(line) as { policyEvent?: PolicyEvent };
    return policyEvent === undefined ? [] : [policyEvent];
  });
}

/** `rule: sentence`, sorted, of everything that isn't advice. */
export function refusals(outcome: Outcome): string[] {
  return policyEvents(outcome)
    .filter(({ enforcementLevel }) => enforcementLevel === "mandatory")
    .map(({ policyName, message }) => `${policyName}: ${message.trim().split("\n").at(-1)}`)
    .sort();
}
