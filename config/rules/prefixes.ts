import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { Path } from "../tree.ts";
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
    const own = prefixFaults(prefix, at);
    faults.push(...own);
    if (own.length === 0 && !prefix.endsWith("/")) {
      const message = `${shownText(prefix)} also opens every key that merely begins with it`;
      faults.push({ code: "prefix", path: at, message, fix: `write ${shownText(`${prefix}/`)}` });
    }
  }
  return faults;
};

/** Path templates and the names they are kept under. */
export const pathTemplates: BucketRule = ({ bucket, path }) => {
  const faults: Fault[] = [];
  for (const [name, template] of Object.entries(bucket.paths ?? {})) {
    const at = [...path, "paths", name];
    if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
      const message = `path name ${shownText(name)} must begin with a lower-case letter and hold letters, digits, _ and -`;
      faults.push({ code: "key-name", path: at, onKey: true, message, fix: "rename the path" });
    }
    const wrong = keyFault(template.replaceAll(/\{[a-z][a-z0-9_]*\}/g, "x")) ?? braceFault(template);
    if (wrong === null) continue;
    faults.push({
      code: "path-template",
      path: at,
      message: `${shownText(template)} ${wrong.message}`,
      fix: wrong.fix,
    });
  }
  return faults;
};

function prefixFaults(prefix: string, path: Path): Fault[] {
  const wrong = prefix === "" ? emptyPrefix : keyFault(prefix);
  if (wrong === null) return [];
  return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
}

const emptyPrefix = { message: "is the whole bucket", fix: "name a prefix, or remove this one" };

function braceFault(template: string): { message: string; fix: string } | null {
  const rest = template.replaceAll(/\{[a-z][a-z0-9_]*\}/g, "");
  if (!/[{}]/.test(rest)) return null;
  return {
    message: "has a malformed placeholder",
    fix: "write {name}: a lower-case letter, then letters, digits and _",
  };
}

/** What makes text unfit to begin an object's key, on S3 or on MinIO, which keeps keys as paths. */
function keyFault(text: string): { message: string; fix: string } | null {
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
