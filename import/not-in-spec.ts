import { commentLines } from "../config/text/comment.ts";
import { oneLine, plainText } from "../config/text/plain.ts";
import { yamlText } from "../config/text/yaml.ts";
import type { Left } from "./spec.ts";

const TRUE_OF_THE_SERVER = "Everything in this file is on the server as it says: a preview after the import is empty.";

/** The platform file with the list of what isn't in it, as comments. */
export function fileText(yaml: string, left: readonly Left[], url: string): string {
  const head = commentLines([`Imported by bucketworks import-server from ${url}.`, TRUE_OF_THE_SERVER]);
  if (left.length === 0) return `${head}\n${yaml}`;
  const title = "NOT IN THIS SPEC: on the server, untouched by it, and called unmanaged by bucketworks scan.";
  return `${head}\n${yaml}\n${commentLines([title, "", ...left.flatMap(leftLines)])}`;
}

/** `- bucket "try-out": in no spec`; a bucket with what the spec could say of it. */
function leftLines({ subject, reason, entry }: Left): string[] {
  const line = `- ${leftLine({ subject, reason })}`;
  if (entry === undefined) return [line];
  return [
    line,
    ...yamlText([entry])
      .trimEnd()
      .split("\n")
      .map((each) => `      ${each}`),
  ];
}

/** One line; a name from the server stays inside its quotes. */
export function leftLine({ subject, reason }: Pick<Left, "subject" | "reason">): string {
  return `${subject.kind} ${plainText(JSON.stringify(subject.name))}: ${oneLine(reason)}`;
}
