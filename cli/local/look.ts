import type { ResolvedModel } from "../../config/model.ts";
import { CouldNotLook } from "../../verify/could-not-look.ts";
import { findingLine } from "../../verify/words.ts";
import { CommandError, EXIT } from "../exit.ts";
import { counted } from "../print.ts";
import { loadTarget } from "../target.ts";
import type { Checkout } from "./checkout.ts";
import { STACK } from "./stack-name.ts";

/**
 * Compares the local server with the specs, as `bucketworks verify` does.
 * @returns the model that the server was found to be like
 * @throws CommandError with what differs, or why it could not be looked at
 */
export async function lookAtServer(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<ResolvedModel> {
  const { model, server } = loadTarget({ stage: STACK, files: [], env, root: checkout.root });
  // its S3 client takes a while to load: only this step pays for it
  const { verifyStage } = await import("../../verify/verify.ts");
  const { findings, notRead } = await verifyStage(model, server).catch((error) => {
    if (error instanceof CouldNotLook) throw new CommandError(`verify: ${error.message}`, EXIT.couldNotLook);
    throw error;
  });
  if (findings.length === 0 && notRead.length === 0) return model;
  const lines = [
    ...findings.map(findingLine),
    ...notRead.map(({ bucket, reason }) => `could not read ${bucket}: ${reason}`),
    `the server is not as the specs say: ${counted(findings.length, "finding")}, ${notRead.length} not read; bucketworks verify looks again`,
  ];
  throw new CommandError(lines.join("\n"), notRead.length > 0 ? EXIT.couldNotLook : EXIT.findings);
}
