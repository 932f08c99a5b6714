import { existsSync } from "node:fs";
import { relative } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import { shellWord } from "../../config/text/shell.ts";
import { Fault } from "../fault.ts";
import { judgeCheckpoint } from "./checkpoint.ts";
import { newestCopy, type StateCopy, type StatePlaces } from "./state-files.ts";

/** A state is damaged, or lost while copies of it are here. */
export class StateFault extends Fault {}

export interface StateLoss {
  readonly kind: "damaged" | "lost";
  /** The loss in one sentence. */
  readonly what: string;
  /** The newest whole copy; undefined where there is none. */
  readonly copy: StateCopy | undefined;
}

/**
 * What is wrong with a stack's state file; undefined for a whole one, and where there is none and never was one with
 * resources. A copy without resources is what `destroy` leaves: nothing is lost with it.
 */
export function stateLoss(places: StatePlaces): StateLoss | undefined {
  const place = relative(places.root, places.file);
  if (existsSync(places.file)) {
    const verdict = judgeCheckpoint(readFileText(places.file));
    if (verdict.kind === "whole") return undefined;
    const what = `${place}: the state of stack ${places.stack} is ${verdict.why}`;
    return { kind: "damaged", what, copy: newestCopy(places) };
  }
  if (existsSync(packed(places))) return undefined;
  const copy = newestCopy(places);
  if (copy === undefined || copy.resources === 0) return undefined;
  return { kind: "lost", what: `${place}: the state of stack ${places.stack} is missing`, copy };
}

/**
 * The text of a stack's state; undefined where there is no stack yet.
 * @throws StateFault where it is damaged or lost: nothing is built upon it, and nothing made in its place
 */
export function requireState(places: StatePlaces): string | undefined {
  refusePacked(places);
  const loss = stateLoss(places);
  if (loss !== undefined) throw new StateFault(`${loss.what}; nothing was changed. ${wayBack(places, loss)}`);
  return existsSync(places.file) ? readFileText(places.file) : undefined;
}

/** Where Pulumi writes a state when PULUMI_SELF_MANAGED_STATE_GZIP is set. */
function packed({ file }: StatePlaces): string {
  return `${file}.gz`;
}

/** What isn't text can't be looked at, kept or brought back. */
function refusePacked(places: StatePlaces): void {
  const file = packed(places);
  if (!existsSync(file)) return;
  const [place, beside] = [file, places.file].map((each) => relative(places.root, each));
  const also = existsSync(places.file) ? `, and lies beside ${beside}: move away the older one` : "";
  throw new StateFault(
    `${place}: the state of stack ${places.stack} is compressed, as PULUMI_SELF_MANAGED_STATE_GZIP asks, and can't be looked at or kept so${also}; nothing was changed. Unset that variable, and: gunzip ${shellWord(file)}`,
  );
}

/** What to do about it. */
function wayBack({ stack }: StatePlaces, { copy }: StateLoss): string {
  if (copy === undefined) return "No whole copy of it is here: docs/runbook.md says under The state is lost what to do";
  const option = stack === "dev" ? "" : ` --stack ${stack}`;
  return `A whole copy from ${copy.taken.toISOString()} with ${copy.resources} resources is here: bin/bucketworks recover${option} compares it with the server, and takes it when told`;
}
