import type { Connection } from "../../provider/server/connection.ts";
import { type Holdings, holdingsOf, holdingsText } from "../purging/holdings.ts";

/** Entries of a bucket that are counted at most: that it holds anything is what decides. */
const MOST = 10_000;

/** What a bucket holds. Of one that holds more, what was counted until then: its text begins with `at least`. */
export async function heldBy(
  server: Connection,
  bucket: string,
): Promise<{ readonly held: Holdings; readonly text: string }> {
  let isWhole = true;
  const held = await holdingsOf(server, bucket, (count) => {
    isWhole = count < MOST;
    return isWhole;
  });
  return { held, text: `${isWhole ? "" : "at least "}${holdingsText(held)}` };
}
