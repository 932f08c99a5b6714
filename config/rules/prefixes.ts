import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { BucketRule } from "./rule.ts";

const LONGEST_KEY = 1024;

/** Prefixes of lifecycle rules and of `public_read`. */
export const prefixes: BucketRule = ({ bucket, path, rules }) => {
  const faults: Fault[] = [];
  for (const { rule, path: at } of rules) {
    if (rule.prefix !== undefined) faults.push(...prefixFaults(rule.prefix, [...at, "prefix"]));
  }
  for (const [index, prefix] of (bucket.public_read ?? []).entries()) {
    const at = [...path, "public_read", index];
    if (bucket.public_read?.indexOf(prefix) !== index) {
      const message = `${shownText(prefix)} stands in this list already`;
      faults.push({ code: "repeated-entry", path: at, message, fix: "remove one of the two" });
    }
    const own = prefixFaults(prefix, at);
    faults.push(...own);
    if (own.length === 0 && !prefix.endsWith("/")) {
      const message = `${shownText(prefix)} also opens every key that merely begins with it`;
      faults.push({ code: "prefix", path: at, message, fix: `write ${shownText(`${prefix}/`)}` });
    }
  }
  return faults;
};

/** What is wrong with one prefix. */
export function prefixFaults(prefix: string, path: Path): Fault[] {
  const wrong = prefix === "" ? emptyPrefix : keyFault(prefix);
  if (wrong === null) return [];
  return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
}

const emptyPrefix = { message: "is the whole bucket", fix: "name a prefix, or remove this one" };

/** What makes text unfit to begin an object's key, on S3 or on MinIO, which keeps keys as paths. */
export function keyFault(text: string): { message: string; fix: string } | null {
  if (text === "") return { message: "is empty", fix: "write a template, for example date={date}/" };
  if (text.startsWith("/"))
    return { message: "begins with a slash, which no object key does", fix: "remove the slash" };
  if (text.includes("//")) return { message: "has an empty segment", fix: "write one slash" };
  if (text.split("/").some((segment) => segment === "." || segment === "..")) {
    return { message: "has a segment . or .., which MinIO refuses", fix: "write the path out" };
  }
  if (/[*?\\]/.test(text))
    return { message: "holds *, ? or a backslash", fix: "end it at the slash; a prefix needs no wildcard" };
  if (/[\s\p{Cc}]/u.test(text)) return { message: "holds white space", fix: "use - or _ instead" };
  if (Buffer.byteLength(text) > LONGEST_KEY)
    return { message: `is longer than ${LONGEST_KEY} bytes`, fix: "shorten it" };
  return null;
}
