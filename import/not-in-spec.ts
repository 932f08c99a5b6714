import { commentLines } from "../config/text/comment.ts";
import { oneLine, plainText } from "../config/text/plain.ts";
import { yamlText } from "../config/text/yaml.ts";
import type { ImportedSpec, Left } from "./spec.ts";

const TRUE_OF_THE_SERVER = "Everything in this file is on the server as it says: a preview after the import is empty.";
const SAME_RIGHTS =
  "Everything in this file is on the server as it says. A preview after the import writes the text of these policies anew, with the same rights, and nothing else:";
const LEFT_ALONE = "What stands under unmanaged is left alone, and bucketworks scan reports it when it changes.";
const COULD_SAY =
  "WHAT A SPEC COULD SAY of buckets that are unmanaged. To manage one, move its lines up and remove its entries below unmanaged.";
const NOT_HERE = "NOT IN THIS FILE: on the server, and untouched by it.";

/** The platform file; as comments what a spec could say of buckets that it leaves alone, and what isn't in it. */
export function fileText({ yaml, left, rewritten }: Omit<ImportedSpec, "model">, url: string): string {
  const text = rewritten.length === 0 ? TRUE_OF_THE_SERVER : `${SAME_RIGHTS} ${rewritten.join(", ")}.`;
  const known = left.some(({ unmanaged }) => unmanaged !== null) ? [LEFT_ALONE] : [];
  const head = commentLines([`Imported by bucketworks import-server from ${url}.`, text, ...known]);
  const sayable = left.filter(({ entry, unmanaged }) => entry !== undefined && unmanaged !== null);
  const unlisted = left.filter(({ unmanaged }) => unmanaged === null);
  const parts = [section(COULD_SAY, sayable), section(NOT_HERE, unlisted)].filter((each) => each !== "");
  return [head, yaml, ...parts].join("\n");
}

function section(title: string, left: readonly Left[]): string {
  return left.length === 0 ? "" : commentLines([title, "", ...left.flatMap(leftLines)]);
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
