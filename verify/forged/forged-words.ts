import type { ForgedFinding, Untried } from "./forged-report.ts";
import { ADVISORIES, type Hole } from "./requests.ts";

/** The page that says which server refuses what. */
const CURE = "docs/servers.md says which servers refuse it, and what to put before one that doesn't";

const GAIN: Readonly<Record<Hole, string>> = {
  "unsigned trailer": "anyone who knows a user name can write with that user's rights",
  snowball: "anyone who knows a user name can write with that user's rights",
  "unsigned copy source": "anyone with a URL for one object can read what its signer can read",
};

/** One line a person understands: what got in, what it means, under which name it is published, what to do. */
export function forgedLine({ hole, advisory, requests, left }: ForgedFinding): string {
  const [first, ...others] = requests;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const example = `${first?.request} into ${first?.bucket} (answer ${first?.answer})${more}`;
  const stays =
    left.length === 0 ? "" : `; ${left.join(", ")} may be stored still and can't be removed with this key, delete it`;
  return `server: accepts forged requests (${advisory}): ${example}: ${GAIN[hole]}; ${CURE}${stays}`;
}

/** One line on what a request may have stored that is no finding. */
export function leftLine(left: string): string {
  return `server: ${left} may be stored still, by a try of verify, and can't be removed with this key; delete it`;
}

/** One line on what was not tried. */
export function untriedLine({ hole, reason }: Untried): string {
  const what = hole === null ? "forged requests" : `forged requests of ${ADVISORIES[hole]}`;
  return `could not try ${what}: ${reason}`;
}
