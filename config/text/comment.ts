import { oneLine } from "./plain.ts";

/** Lines of comment; each element stays one line. For YAML, shells, env and INI files. */
export function commentLines(lines: readonly string[]): string {
  return lines.map((line) => `${`# ${oneLine(line)}`.trimEnd()}\n`).join("");
}
