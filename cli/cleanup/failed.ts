import { remove } from "../../provider/bucket.ts";
import type { BucketInputs } from "../../provider/bucket-types.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { entries } from "../purging/holdings.ts";
import { BUCKET, type Deployment, type Existing, planRecovery } from "../recovery/recovery-plan.ts";
import { tell } from "../terminal/print.ts";
import { heldBy } from "./held.ts";
import { type Leftover, reported } from "./leftover.ts";

/** A bucket that a run of the stack had begun to make, and that was never finished. */
export interface FailedCreation {
  readonly bucket: string;
  /** Its resource, where the state has it already; undefined where its creation is still pending. */
  readonly urn: string | undefined;
  /** False where nothing proves that the run made it. */
  readonly isOurs: boolean;
}

const CUT_SHORT = "its creation was cut short";

/**
 * Buckets whose creation a killed run left pending, and those that `recover` took over and no update has finished; pure.
 * @param began when the killed run began; undefined where no lock tells it
 */
export function failedCreations(deployment: Deployment, existing: Existing, began: Date | undefined): FailedCreation[] {
  const { takenOver } = planRecovery(deployment, existing, began);
  const pending = takenOver.map((bucket) => ({ bucket, urn: undefined, isOurs: began !== undefined }));
  const recovered = (deployment.resources ?? []).flatMap(({ type, id, urn, initErrors = [] }) =>
    type === BUCKET && id !== undefined && initErrors.includes(CUT_SHORT) && existing.buckets.has(id)
      ? [{ bucket: id, urn, isOurs: true }]
      : [],
  );
  return [...pending, ...recovered];
}

/** @param settled what takes a removed bucket out of the state */
export async function failedBuckets(
  server: Connection,
  failed: readonly FailedCreation[],
  settled: (creation: FailedCreation) => () => Promise<void>,
): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const creation of failed) {
    const { bucket, isOurs } = creation;
    const { held, text } = await heldBy(server, bucket);
    const what = "bucket of a creation that was killed";
    const about = { kind: "failed", bucket, what, count: 1, bytes: held.bytes } as const;
    const finish = `it holds ${text}: bucketworks recover and an update finish it`;
    const unknown = "no lock tells when that run began, so it may be older: bucketworks recover judges it";
    if (entries(held) > 0) found.push(reported(about, finish));
    else if (!isOurs) found.push(reported(about, unknown));
    else found.push({ ...removable(about), what: `empty ${what}`, settle: settled(creation) });
  }
  return found;
}

/** A bucket that goes if it is still empty then. */
export function removable(about: Omit<Leftover, "remove" | "stays">): Leftover {
  return { ...about, stays: undefined, remove: (server) => removeEmpty(server, about.bucket) };
}

/** @throws where it holds anything now, an upload that no list has among it */
async function removeEmpty(server: Connection, bucket: string): Promise<void> {
  const inputs = { bucket, declared: { onDelete: "delete_if_empty" } } as unknown as BucketInputs;
  await remove(server, inputs, async (line) => tell(line));
}
