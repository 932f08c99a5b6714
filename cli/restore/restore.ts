import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { MomentRefused, type OpenState, openState, shown } from "../../backup/restore/open-state.ts";
import { compareRestored, planRestore, type Restore, runRestore } from "../../backup/restore/restore-bucket.ts";
import type { Selection, Tally } from "../../backup/restore/steps.ts";
import { serverTime } from "../../backup/run/server-time.ts";
import type { Backup } from "../../config/model.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { attended, interruptedWith, interruption } from "../ending/signals.ts";
import { counted, print, tell } from "../terminal/print.ts";
import { writeOver } from "../terminal/progress.ts";
import { requireConsent } from "./consent.ts";
import { destinationOf, freshName, isOfRestore, keepsVersions, makeBucket, otherObject, TAG } from "./destination.ts";
import { doneWords, exampleLines, planWords } from "./words.ts";

/** What was asked for. */
export interface Request {
  /** Where the backups are. */
  readonly backups: Connection;
  readonly bucket: string;
  readonly backup: Pick<Backup, "to" | "bucket" | "prefix">;
  readonly to: Date | "latest";
  readonly selection: Selection;
  /** Undefined is a fresh one. */
  readonly into: string | undefined;
  readonly inPlace: boolean;
  /** The bucket's name, given by who needn't be asked. */
  readonly confirmed: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  /** Around all that changes anything: the audit trail tells of it. */
  readonly audited: <T>(into: string, work: () => Promise<T>) => Promise<T>;
}

/** What came of it, as JSON tells it. */
export interface Restored {
  readonly bucket: string;
  readonly into: string;
  readonly moment: string;
  readonly manifests: readonly string[];
  readonly dryRun: boolean;
  readonly counts: Pick<Tally, "written" | "replaced" | "unchanged" | "removed" | "lost">;
  /** Objects that weren't as they were when all was done. */
  readonly differing: number;
  readonly seconds: number;
}

/** Restores a bucket and compares what is there then. @throws CommandError where not all is as it was */
export async function restoreBucket(server: Connection, request: Request): Promise<Restored> {
  const folder = temporaryFolder(tmpdir(), "bucketworks-restore-");
  try {
    return await inFolder(server, request, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inFolder(server: Connection, request: Request, folder: string): Promise<Restored> {
  const { backups, bucket, backup, selection, inPlace, dryRun, quiet } = request;
  const began = Date.now();
  const state = await stateFor(request, folder);
  const name = inPlace ? bucket : (request.into ?? freshName(bucket, state.moment, selection));
  if (name === backup.bucket && backup.to === null)
    throw refused(`bucket ${name} is where the backups are; name another one by --into`);
  const into = await destinationOf(server, name, inPlace);
  if (inPlace) await mustBeThere(server, into);
  const restore: Restore = { server, backups, state, selection, target: backup.bucket, into };
  const onProgress = (what: string) => (objects: number) => writeOver(`${what} ${counted(objects, "object")}`, quiet);
  const plan = await planRestore(restore, { onProgress: onProgress("looked at") });
  writeOver("", quiet);
  const of = `bucket ${bucket} as it was at ${shown(state.moment)}`;
  if (!inPlace) {
    refuseForeign(into, plan);
    await refuseOthers(server, into, bucket, { ...selection, covered: state.covered });
  }
  const what = `${of} into ${inPlace ? "itself" : `bucket ${name}`} on ${server.url}: ${planWords(plan)}`;
  const result = (counts: Tally, differing: number): Restored => ({
    ...{ bucket, into: name, moment: state.moment.toISOString(), manifests: state.manifests, dryRun, differing },
    counts: countsOf(counts),
    seconds: Math.round((Date.now() - began) / 100) / 10,
  });
  if (plan.all === 0 && (selection.key !== undefined || selection.prefix !== undefined)) {
    throw new CommandError(
      `${of} has nothing that is chosen; look at its keys and at --key or --prefix`,
      EXIT.findings,
    );
  }
  if (dryRun) {
    if (!quiet) print([what, ...exampleLines(plan, ["lost", "replaced", "removed"])].join("\n"));
    return result(plan, 0);
  }
  if (inPlace) await requireConsent(request, what);
  else if (!quiet) tell(what);
  const done = await request.audited(name, async () => {
    const tags = { [TAG.source]: bucket, [TAG.moment]: state.moment.toISOString() };
    if (!into.exists) await makeBucket(server, name, tags);
    return carriedOut({ ...restore, into: { ...into, exists: true } }, of, onProgress);
  });
  if (!quiet) print(`${of}: ${doneWords(done)}; all compared, bucket ${name} is as it was`);
  return result(done, 0);
}

/** @throws CommandError where not all is as it was, Interrupted after a signal */
async function carriedOut(
  restore: Restore,
  of: string,
  onProgress: (what: string) => (objects: number) => void,
): Promise<Tally> {
  const since = await serverTime(restore.server, restore.into.bucket);
  const done = await attended((stop) => runRestore(restore, { stop, onProgress: onProgress("restored") }));
  if (interruption().aborted) throw interruptedWith(`restore: stopped: ${doneWords(done)}; run it again to go on`);
  const compared = await compareRestored(restore, { read: false, since, onProgress: onProgress("compared") });
  const wrong = compared.written.objects + compared.replaced.objects + compared.removed.objects;
  if (wrong > 0 || compared.lost.objects > 0) throw incomplete(`${of}: ${doneWords(done)}`, wrong, compared);
  return done;
}

async function stateFor({ backups, backup, bucket, to }: Request, folder: string): Promise<OpenState> {
  const place = { server: backups, target: backup.bucket, prefix: backup.prefix, bucket };
  try {
    return await openState(place, to, folder);
  } catch (error) {
    if (!(error instanceof MomentRefused)) throw error;
    throw refused(error.message);
  }
}

function countsOf({ written, replaced, unchanged, removed, lost }: Tally): Restored["counts"] {
  return { written, replaced, unchanged, removed, lost };
}

async function mustBeThere(server: Connection, { bucket, exists }: Restore["into"]): Promise<void> {
  if (!exists) throw refused(`bucket ${bucket} isn't there, so nothing is in place; leave --in-place out`);
  if (await keepsVersions(server, bucket)) return;
  throw refused(
    `bucket ${bucket} keeps no versions, so a restore in place would delete what is there; leave --in-place out, or turn its versioning on first`,
  );
}

/** Data that are there are never written over, nor mixed with. */
function refuseForeign({ bucket }: Restore["into"], plan: Tally): void {
  const foreign = plan.replaced.objects + plan.removed.objects;
  if (foreign === 0) return;
  const lines = exampleLines(plan, ["replaced", "removed"]);
  throw refused(
    `bucket ${bucket} holds ${counted(foreign, "object")} that this restore would not have put there:\n${lines.join("\n")}\nname a bucket by --into that is empty or isn't there yet`,
  );
}

/** Part of a bucket isn't put among other data either: the plan looks at what is chosen alone. */
async function refuseOthers(
  server: Connection,
  into: Restore["into"],
  source: string,
  chosen: Selection,
): Promise<void> {
  if (!into.exists || (await isOfRestore(server, into.bucket, source))) return;
  const other = await otherObject(server, into.bucket, chosen);
  if (other === undefined) return;
  throw refused(
    `bucket ${into.bucket} holds ${JSON.stringify(other)}, which isn't of this restore; name a bucket by --into that is empty, isn't there yet, or was made by a restore of ${source}`,
  );
}

function refused(why: string): CommandError {
  return new CommandError(`restore: nothing was changed: ${why}`, EXIT.wrongUse);
}

function incomplete(words: string, wrong: number, compared: Tally): CommandError {
  const { lost } = compared;
  const parts = [
    ...(lost.objects > 0 ? [`${counted(lost.objects, "object")} can't be had from the backup`] : []),
    ...(wrong > 0 ? [`${counted(wrong, "object")} ${wrong === 1 ? "isn't" : "aren't"} as it was`] : []),
  ];
  const lines = exampleLines(compared, ["written", "replaced", "removed", "lost"]);
  const text = `${words}; ${parts.join(", ")}:\n${lines.join("\n")}\nbucketworks backup verify says what else is missing; an object that somebody changed meanwhile is put right by another run`;
  return new CommandError(text, EXIT.findings);
}
