import type { Fault, SpecIssue } from "../issues.ts";
import type { UnmanagedSpec } from "../schema/unmanaged.ts";
import { shownText } from "../schema/values.ts";
import { factsDigest, isFactsDigest } from "../values/facts-digest.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { serverNames } from "./server-names.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";

const IMPORT_AGAIN = "take the entry as import-server writes it";

/** An entry says what it is: its digest has the form of one and is that of what it says. */
export const unmanaged: DocumentRule = (view) =>
  entriesOf(view).flatMap(({ entry, path }): Fault[] => {
    const { kind, name, digest, says } = entry;
    const code = "unmanaged-entry" as const;
    if (!isFactsDigest(digest)) {
      const message = `digest must be sha256: and 64 hexadecimal digits in lower case, got ${shownText(digest)}`;
      return [{ code, path: [...path, "digest"], message, fix: IMPORT_AGAIN }];
    }
    if (says === undefined && kind === "public grant") {
      const message = `public grant ${shownText(name)} doesn't say what anyone may, and that may not be known by a digest alone`;
      return [{ code, path, message, fix: `add says; ${IMPORT_AGAIN}` }];
    }
    const own = says === undefined ? digest : factsDigest(says);
    if (own === digest) return [];
    const message = `what ${kind} ${shownText(name)} says has the digest ${own}, and the entry has another`;
    return [{ code, path: [...path, "digest"], message, fix: `scan says what is so now; ${IMPORT_AGAIN}` }];
  });

/** What a spec makes is never unmanaged, and a thing has one entry, whatever file they stand in. */
export const unmanagedOnce: StackRule = (views) => {
  if (views.every((view) => entriesOf(view).length === 0)) return [];
  const managed = new Map<string, string>();
  for (const view of views) {
    for (const { bucket, path } of view.buckets) {
      managed.set(`bucket ${bucket.name}`, placeName(view, path));
      if (bucket.notifications === undefined) continue;
      managed.set(`notification ${bucket.name}`, placeName(view, [...path, "notifications"], true));
    }
    for (const { kind, name, path, onKey } of serverNames(view)) {
      managed.set(`${kind} ${name}`, placeName(view, path, onKey));
    }
  }
  const listed = new Map<string, string>();
  const issues: SpecIssue[] = [];
  for (const view of views) {
    for (const { entry, path } of entriesOf(view)) {
      const subject = `${entry.kind} ${shownText(entry.name)}`;
      const tell = (code: Fault["code"], message: string, fix: string): void => {
        issues.push(placeFault({ code, path, message, fix }, view.document, view.stage, view.root));
      };
      const owner = managed.get(`${entry.kind === "public grant" ? "bucket" : entry.kind} ${entry.name}`);
      const before = listed.get(`${entry.kind} ${entry.name}`);
      if (owner !== undefined) {
        const message = `${subject} is unmanaged here, and a spec makes it at ${owner}`;
        tell("unmanaged-and-managed", message, "remove one of the two");
      } else if (before !== undefined) {
        tell("duplicate-name", `${subject} stands at ${before} already`, "remove one of the two");
      } else listed.set(`${entry.kind} ${entry.name}`, placeName(view, path));
    }
  }
  return issues;
};

function entriesOf(view: View): { readonly entry: UnmanagedSpec; readonly path: readonly (string | number)[] }[] {
  const entries = view.spec.unmanaged ?? [];
  return entries.map((entry, index) => ({ entry, path: view.original(["unmanaged", index]) }));
}
