import type { ResolvedModel } from "../config/model.ts";
import { LONGEST_ISSUE, readKeyNote } from "../config/values/key-note.ts";
import { declaredAccounts, isDocument } from "./declared-accounts.ts";
import type { LiveAccount } from "./live-server.ts";

const DAY = 86_400_000;

/**
 * What a service account of a declared user is that no spec has, where commands of ours made it so: a key that is being
 * replaced, or one that was issued for some days. Anybody who has the user's key can write such a description. So it
 * counts only with what makes the account harmless: the document of a declared account, for no longer than the spec's
 * grace; or an end that the server keeps.
 * @returns words for people; undefined where it is anybody's
 */
export function besideSpecs(
  model: ResolvedModel,
  { user, expires, detail: look }: Pick<LiveAccount, "user" | "expires" | "detail">,
  now: Date,
): string | undefined {
  if (look === null || "reason" in look) return undefined;
  const detail = look.value;
  const note = readKeyNote(detail.description ?? "");
  if (note === undefined) return undefined;
  const within = (end: Date, days: number): boolean => {
    const left = end.getTime() - now.getTime();
    return left > 0 && left <= days * DAY;
  };
  if (note.kind === "issued") {
    if (expires === null || !within(new Date(expires), LONGEST_ISSUE)) return undefined;
    return `issued until ${expires}${note.why === "" ? "" : ` (${note.why})`}`;
  }
  const replaced = declaredAccounts(model).find(({ account, platform, document }) => {
    const rotation = model.platforms.find(({ name }) => name === platform)?.rotation ?? null;
    const isSame = account.user === user && isDocument(detail.policy, document);
    return isSame && rotation !== null && within(note.ends, rotation.graceDays);
  });
  return replaced && `the replaced key of ${replaced.account.name}, taken until ${note.ends.toISOString()}`;
}
