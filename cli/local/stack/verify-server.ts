import { findingLine } from "../../../live/bucket-words.ts";
import type { WaitingRule } from "../../../live/compare-bucket.ts";
import { identityLine } from "../../../verify/identities/identity-words.ts";
import type { IdentityReport } from "../../../verify/identities/verify-identities.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { type StackOutputs, stackOutputs } from "../../pulumi/stack-outputs.ts";
import type { Target } from "../../target/target.ts";
import { counted } from "../../terminal/print.ts";
import { lookAtIdentities } from "../../verify/identities.ts";
import { STACK } from "./name.ts";

export interface Look {
  readonly identities: IdentityReport;
  readonly waiting: readonly WaitingRule[];
  /** Where the server isn't as the specs say, a line each. */
  readonly wrong: readonly string[];
  /** What the stack says of itself, with its keys. */
  readonly outputs: StackOutputs | undefined;
}

/**
 * Compares the local server with the specs, as `bucketworks verify` does.
 * @throws CommandError with what could not be looked at
 */
export async function lookAtServer(
  checkout: Checkout,
  env: NodeJS.ProcessEnv,
  { model, server }: Target,
): Promise<Look> {
  // Pulumi answers while the buckets are looked at; where it can't, no identity is tried, and that is said then.
  const outputs = stackOutputs(checkout.root, env, STACK);
  const told = outputs.catch(() => undefined);
  // its S3 client takes a while to load: only this step pays for it
  const { verifyStage } = await import("../../../verify/buckets.ts");
  const { findings, notRead, waiting } = await verifyStage(model, server);
  const identities = await lookAtIdentities(model, server, { root: checkout.root, env, name: STACK, outputs });
  const wrong = [...findings.map(findingLine), ...identities.findings.map(identityLine)];
  const unread = [
    ...notRead.map(({ bucket, reason }) => `could not read ${bucket}: ${reason}`),
    ...identities.notTried.map(({ identity, reason }) => `could not try ${identity}: ${reason}`),
  ];
  if (unread.length === 0) return { identities, waiting, wrong, outputs: await told };
  const last = `${counted(unread.length, "place")} could not be looked at; bucketworks verify looks again`;
  throw new CommandError([...wrong, ...unread, last].join("\n"), EXIT.couldNotLook);
}
