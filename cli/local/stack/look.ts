import type { ResolvedModel } from "../../../config/model.ts";
import type { ServerAddress } from "../../../live/client.ts";
import { ReadError } from "../../../live/read-error.ts";
import type { IdentityReport } from "../../../verify/identities/verify.ts";
import type { WaitingRule } from "../../../verify/verify.ts";
import { findingLine, identityLine } from "../../../verify/words.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { loadTarget } from "../../target/target.ts";
import { counted } from "../../terminal/print.ts";
import { lookAtIdentities } from "../../verify/identities.ts";
import { STACK } from "./name.ts";

export interface Look {
  readonly model: ResolvedModel;
  /** URL of the server. */
  readonly url: string;
  readonly identities: IdentityReport;
  readonly waiting: readonly WaitingRule[];
  /** Where the server isn't as the specs say, a line each. */
  readonly wrong: readonly string[];
}

/**
 * Compares the local server with the specs, as `bucketworks verify` does.
 * @throws CommandError with what could not be looked at
 */
export async function lookAtServer(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<Look> {
  const { model, server } = loadTarget({ stage: STACK, files: [], env, root: checkout.root });
  // its S3 client takes a while to load: only this step pays for it
  const { verifyStage } = await import("../../../verify/verify.ts");
  const { findings, notRead, waiting } = await verifyStage(model, server).catch((error) => {
    if (error instanceof ReadError) throw new CommandError(`verify: ${error.message}`, EXIT.couldNotLook);
    throw error;
  });
  const identities = await lookAtIdentities(model, server, { root: checkout.root, env, name: STACK });
  const wrong = [...findings.map(findingLine), ...identities.findings.map(identityLine)];
  const unread = [
    ...notRead.map(({ bucket, reason }) => `could not read ${bucket}: ${reason}`),
    ...identities.notTried.map(({ identity, reason }) => `could not try ${identity}: ${reason}`),
  ];
  if (unread.length === 0) return { model, url: urlOf(server), identities, waiting, wrong };
  const last = `${counted(unread.length, "place")} could not be looked at; bucketworks verify looks again`;
  throw new CommandError([...wrong, ...unread, last].join("\n"), EXIT.couldNotLook);
}

function urlOf({ secure, endpoint }: ServerAddress): string {
  return `${secure ? "https" : "http"}://${endpoint}`;
}
