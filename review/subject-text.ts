import type { Subject, SubjectKind } from "./change.ts";
import { code, joined, type Markdown, md } from "./markdown.ts";

/** Names shown in one place; a comment is for reading. */
const NAMES_SHOWN = 10;

const NOUNS: Readonly<Record<SubjectKind, readonly [one: Markdown, several: Markdown]>> = {
  bucket: [md`bucket`, md`buckets`],
  user: [md`user`, md`users`],
  "service account": [md`service account`, md`service accounts`],
  group: [md`group`, md`groups`],
  policy: [md`policy`, md`policies`],
  workload: [md`workload`, md`workloads`],
  platform: [md`platform`, md`platforms`],
  tier: [md`tier`, md`tiers`],
};

/** ``**bucket `a`** (platform `p`)``. */
export function subjectText({ kind, names, platform }: Subject): Markdown {
  const noun = NOUNS[kind][names.length === 1 ? 0 : 1];
  const head = md`**${noun} ${namesText(names)}**`;
  return kind === "platform" || platform === "" ? head : md`${head} (platform ${platform})`;
}

/** Names in code, the first ones where there are many. */
export function namesText(names: readonly string[]): Markdown {
  const shown = joined(names.slice(0, NAMES_SHOWN).map(code), ", ");
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? md`${shown} and ${more} more` : shown;
}
