import type { ResolvedModel } from "../config/model.ts";
import { accessChanges } from "./access-changes.ts";
import { bucketChanges } from "./bucket-changes.ts";
import { type Ranked, ranked } from "./change.ts";
import { disagreements } from "./disagreements.ts";
import type { Markdown } from "./markdown.ts";
import { otherChanges } from "./other-changes.ts";
import type { Preview } from "./read-preview.ts";
import { type BucketContents, removalChanges } from "./removal-changes.ts";
import { removals } from "./removals.ts";
import { tierChanges } from "./tier-changes.ts";

/** All that is known of a change of the specs. */
export interface Proposal {
  /** Models of one stage: of the base, and of what is proposed. */
  readonly before: ResolvedModel;
  readonly after: ResolvedModel;
  readonly preview: Preview;
  /** What buckets that leave hold; those absent were not asked for. */
  readonly contents: BucketContents;
}

/** What a reviewer has to know of it. */
export interface Review {
  readonly preview: Preview;
  /** Changes that put data at risk or open it, most dangerous first. */
  readonly risky: readonly Ranked[];
  readonly rest: readonly Ranked[];
  readonly disagreements: readonly Markdown[];
}

/** Ranks all changes of a proposal. */
export function reviewOf({ before, after, preview, contents }: Proposal): Review {
  const said = [
    ...removalChanges(removals(before, after, preview), contents),
    ...bucketChanges(before, after),
    ...accessChanges(before, after),
    ...tierChanges(preview),
  ];
  const all = ranked([...said, ...otherChanges(before, after, said)]);
  return {
    preview,
    risky: all.filter(({ risk }) => risk !== "rest"),
    rest: all.filter(({ risk }) => risk === "rest"),
    disagreements: disagreements(before, after, preview),
  };
}
