import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { DocumentRule } from "./rule.ts";
import { type ServerName, serverNames } from "./server-names.ts";

/** Policies that every MinIO has; a policy of ours by that name would overwrite it. */
export const BUILT_IN_POLICIES: readonly string[] = [
  "consoleAdmin",
  "diagnostics",
  "readonly",
  "readwrite",
  "writeonly",
];
/** The root user where nobody chose one, what people take for it, and the account of site replication. */
const KEPT_IDENTITIES: readonly string[] = ["minioadmin", "root", "site-replicator-0"];

/** MinIO takes access keys of 3 characters and more, without `=` and `,`; the rest is what a URL and a shell bear. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?$/;
const SHORTEST = 3;
const LONGEST = 64;

/** Names as the server takes them, none that it keeps for itself. */
export const accessNames: DocumentRule = (view) => {
  const keys = Object.keys(view.spec.access?.policies ?? {}).filter((key) => !/^[a-z][a-z0-9_-]*$/.test(key));
  const keyFaults = keys.map((key): Fault => {
    const message = `policy ${shownText(key)} must begin with a lower-case letter and hold letters, digits, _ and -`;
    return { code: "key-name", path: ["access", "policies", key], onKey: true, message, fix: keyFix(key) };
  });
  const names = serverNames(view).filter(({ kind, path }) => kind !== "policy" || !keys.includes(String(path[2])));
  return [...keyFaults, ...names.flatMap(nameFaults)];
};

function keyFix(key: string): string {
  const better = key
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return better === "" ? "rename the policy" : `write ${shownText(better)}; the name on the server may differ, as name`;
}

function nameFaults({ kind, name, path, onKey }: ServerName): Fault[] {
  const said = `${kind} ${shownText(name)}`;
  if (name.length < SHORTEST || name.length > LONGEST) {
    const message = `${said} must have ${SHORTEST} to ${LONGEST} characters, has ${name.length}`;
    return [
      {
        code: "access-name",
        path,
        onKey,
        message,
        fix: name.length < SHORTEST ? "choose a longer name" : "shorten it",
      },
    ];
  }
  if (!NAME.test(name)) {
    const message = `${said} must hold letters, digits, dots, dashes, underscores and @ alone, and begin and end with a letter or digit`;
    const better = name.replaceAll(/[^A-Za-z0-9._@-]+/g, "-").replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
    return [
      {
        code: "access-name",
        path,
        onKey,
        message,
        fix: better.length < SHORTEST ? "choose another name" : `write ${shownText(better)}`,
      },
    ];
  }
  const kept = kind === "policy" ? BUILT_IN_POLICIES : kind === "group" ? [] : KEPT_IDENTITIES;
  if (!kept.some((each) => each.toLowerCase() === name.toLowerCase())) return [];
  const message = `${said} is a name MinIO keeps: ${kept.join(", ")}`;
  return [
    { code: "reserved-name", path, onKey, message, fix: "choose another name, for example with the platform in front" },
  ];
}
