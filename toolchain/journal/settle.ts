import { copyFileSync, existsSync, rmSync } from "node:fs";
import { readFileText } from "../../config/system-fault.ts";
import { Fault } from "../fault.ts";
import { writeWhole } from "../state/keep.ts";
import type { Deployment, Versioned } from "./deployment.ts";
import { digestOf, type Journal, JournalWriter } from "./journal-file.ts";
import { replay } from "./replay.ts";

/** A state as Pulumi's file backend writes it, apitype.VersionedCheckpoint. */
export interface Checkpoint {
  readonly version: number;
  readonly features?: readonly string[];
  readonly checkpoint: { readonly stack: string; readonly latest?: Deployment | null };
}

/** The files of one stack in a file backend that an update writes. */
export interface UpdateFiles {
  readonly state: string;
  readonly journal: string;
}

/**
 * Puts the state in place that a journal makes of the one before, keeps that one beside it as Pulumi does, and ends the
 * journal. Killed anywhere in it, the next call comes to the same end.
 * @throws Fault where the state isn't the one that the journal continues: nothing is changed
 */
export function settle(files: UpdateFiles, journal: Journal, now: Date): void {
  const before = existsSync(files.state) ? readFileText(files.state) : undefined;
  if (before === undefined || digestOf(before) !== journal.header.base) {
    const why = before === undefined ? "there is no state" : "the state was changed since it began";
    throw new Fault(
      `${files.journal}: the journal of an update, and ${why} (${files.state}); nothing was changed. If that state is the right one, move the journal away: pulumi up --refresh compares the state with the server`,
    );
  }
  const text = stateWith(before, journal, now);
  copyFileSync(files.state, `${files.state}.bak`);
  const writer = JournalWriter.reopen(files.journal);
  writer.ending(text);
  writer.close();
  writeWhole(files.state, text);
  rmSync(files.journal);
}

/** The text of that state; pure. */
function stateWith(before: string, { header, entries }: Journal, now: Date): string {
  const { checkpoint } = JSON.parse(before) as Checkpoint;
  const { version, features, deployment } = replay(checkpoint.latest ?? {}, entries, header.engine, now);
  return written(checkpoint.stack, { version, features, deployment });
}

function written(stack: string, { version, features, deployment }: Versioned): string {
  const state: Checkpoint = {
    version,
    ...(features.length > 0 && { features }),
    checkpoint: { stack, latest: deployment },
  };
  return JSON.stringify(state);
}
