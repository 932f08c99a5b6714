import { stringify } from "yaml";
import { visible } from "../config/visible.ts";
import type { Left } from "./spec.ts";

const HEAD = `# Imported by bucketworks import-server from %.
# Everything in this file is on the server as it says: a preview after the import is empty.
`;

/** The platform file with the list of what isn't in it, as comments. */
export function fileText(yaml: string, left: readonly Left[], url: string): string {
  const head = HEAD.replace("%", url);
  if (left.length === 0) return `${head}\n${yaml}`;
  const title = "NOT IN THIS SPEC: on the server, untouched by it, and called unmanaged by bucketworks scan.";
  return `${head}\n${yaml}\n${comment([title, "", ...left.flatMap(leftLines)])}`;
}

/** `- bucket "try-out": in no spec`; a bucket with what the spec could say of it. */
function leftLines({ subject, reason, entry }: Left): string[] {
  const line = `- ${leftLine({ subject, reason })}`;
  if (entry === undefined) return [line];
  return [
    line,
    ...stringify([entry], { lineWidth: 0 })
      .trimEnd()
      .split("\n")
      .map((each) => `      ${each}`),
  ];
}

/** One line; a name from the server stays inside its quotes. */
export function leftLine({ subject, reason }: Pick<Left, "subject" | "reason">): string {
  return `${subject.kind} ${visible(JSON.stringify(subject.name))}: ${visible(reason.replaceAll(/[\n\r\t]/g, " "))}`;
}

function comment(lines: readonly string[]): string {
  return `${lines.map((line) => `# ${visible(line.replaceAll(/[\n\r\t]/g, " "))}`.trimEnd()).join("\n")}\n`;
}
