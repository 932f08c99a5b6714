import type { Verified } from "../../report/parts.ts";
import type { VerifyOptions } from "../../verify/buckets.ts";
import type { Target } from "../target/target.ts";
import { lookAtIdentities, type StackAt } from "./identities.ts";

export interface LookOptions extends VerifyOptions {
  readonly stack: StackAt;
  /** Whether the key of each identity is tried; the stack's outputs hold them. */
  readonly identities: boolean;
  /** Told how long each part took. */
  readonly onPart?: (what: string, milliseconds: number) => void;
}

/**
 * Compares buckets, tries identities, and sends forged requests, as `bucketworks verify` does.
 * @throws ReadError when the server as a whole can't be looked at
 */
export async function lookAtStage(
  { model, server, remotes }: Target,
  { stack, identities: tried, onPart = () => {}, ...options }: LookOptions,
): Promise<Verified> {
  // The clients take a while to load: only who looks pays for them.
  const { verifyStage } = await import("../../verify/buckets.ts");
  const { verifyForged } = await import("../../verify/forged/verify-forged.ts");
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    onPart(what, performance.now() - began);
    return result;
  };
  const buckets = await timed("buckets", () => verifyStage(model, server, { ...options, remotes }));
  const identities = tried ? await timed("identities", () => lookAtIdentities(model, server, stack)) : null;
  return { ...buckets, identities, forged: await timed("forged requests", () => verifyForged(model, server)) };
}
