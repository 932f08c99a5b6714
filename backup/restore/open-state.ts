import type { ManifestHeader, VersionEntry } from "../manifest/schema.ts";
import { ManifestFault } from "../manifest/schema.ts";
import { keepManifest } from "../target/kept-manifest.ts";
import { type FirstManifest, type ManifestPlace, shownManifests } from "../target/manifests.ts";
import { LATEST, manifestsAround, type Refusal } from "./moment.ts";
import { noVersions, stateAt } from "./state-at.ts";

/** A moment that can't be restored to: what there is says the message. */
export class MomentRefused extends Error {
  override readonly name = "MomentRefused";
}

/** What a bucket held at a moment, to be read as often as it is needed. */
export interface OpenState {
  readonly moment: Date;
  /** Names of the manifests that tell it. */
  readonly manifests: readonly string[];
  /** Beginnings of keys that they cover, see `Selection`. */
  readonly covered: readonly (readonly string[])[];
  /** From its beginning, in the order of keys. @throws ManifestFault where a manifest isn't whole */
  versions(): AsyncGenerator<VersionEntry>;
}

/** Later than any version: all that the newest manifest has. */
const ALL = new Date(8.64e15);

/**
 * Finds the manifests for a moment and keeps them in a folder: they are read more than once, and as slowly as objects are
 * written.
 * @throws MomentRefused where the moment can't be given; ManifestFault where a manifest isn't what its run stored
 */
export async function openState(place: ManifestPlace, to: Date | typeof LATEST, folder: string): Promise<OpenState> {
  // As they were written: what somebody put over one since takes no moment away.
  const files = await shownManifests(place);
  const last = files.at(-1);
  const moment = to === LATEST ? (last?.instant ?? new Date()) : to;
  const around = manifestsAround(files, moment, new Date());
  if ("refusal" in around) throw new MomentRefused(refusalText(around.refusal, place.bucket, files, moment));
  const before = await keep(place, around.before, folder);
  // One that follows vouches for it, also where its versions aren't needed.
  const next = files[files.indexOf(around.before) + 1];
  const after = next === undefined ? undefined : await keep(place, next, folder);
  const named = after?.header.before;
  if (named?.name === before.file.name && named.sha256 !== before.sha256) throw altered(before.file.name);
  const both = around.after === undefined || after === undefined ? [before] : [before, after];
  return {
    moment,
    manifests: both.map(({ file }) => file.name),
    covered: both.map(({ header }) => header.prefixes),
    versions: () => stateAt(to === LATEST ? ALL : moment, before.versions(), both[1]?.versions() ?? noVersions()),
  };
}

interface Kept {
  readonly file: FirstManifest;
  readonly header: ManifestHeader;
  /** Of the whole file. */
  readonly sha256: string;
  versions(): AsyncGenerator<VersionEntry>;
}

async function keep(place: ManifestPlace, file: FirstManifest, folder: string): Promise<Kept> {
  const kept = await keepManifest(place, file, folder);
  if (!kept.asStored) throw altered(file.name);
  const { header } = await kept.open();
  return {
    ...{ file, header, sha256: kept.sha256 },
    async *versions() {
      yield* (await kept.open()).versions();
    },
  };
}

function altered(name: string): ManifestFault {
  return new ManifestFault(
    `manifest ${name} isn't the file that its run stored: its digest is another; bucketworks backup verify says which moments can be restored`,
  );
}

function refusalText(refusal: Refusal, bucket: string, files: readonly FirstManifest[], moment: Date): string {
  const [first, last] = [files[0], files.at(-1)].map((file) => file && shown(file.instant));
  const there =
    files.length === 1
      ? `the only backup of bucket ${bucket} is of ${first}`
      : `the ${files.length} backups of bucket ${bucket} reach from ${first} to ${last}`;
  const at = shown(moment);
  switch (refusal) {
    case "none":
      return `bucket ${bucket} has no backup; bucketworks backup run --bucket ${bucket} makes one`;
    case "future":
      return `${at} is in the future; ${there}`;
    case "too early":
      return `${at} is before the first backup; ${there}`;
    case "too late":
      return `nothing later than ${last} was backed up, so the state at ${at} isn't known; restore what there is by --to ${LATEST}; ${there}`;
  }
}

/** Whole seconds, as manifests have them. */
export function shown(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}
