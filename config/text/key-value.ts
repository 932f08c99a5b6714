import { commentLines } from "./comment.ts";

/** What a shell, Docker and Kubernetes read alike without quotes: they don't agree on any. */
const ENV_VALUE = /^[\w@%+=:,./-]*$/;
/** What stands on one line, and isn't trimmed by who reads it. */
const INI_VALUE = /^(?:[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?)?$/u;

/** Lines of an env file. No quotes: env files keep them as part of the value. A value that needs some becomes a comment. */
export function envLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => (ENV_VALUE.test(value) ? `${name}=${value}\n` : unwritten(name, value, ", quoted")))
    .join("");
}

/** A section of an INI file, as AWS and rclone read it. A value that its line can't hold becomes a comment. */
export function iniSection(title: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) =>
    INI_VALUE.test(value) ? `${name} = ${value}\n` : unwritten(name, value, ""),
  );
  return `[${title}]\n${lines.join("")}`;
}

function unwritten(name: string, value: string, how: string): string {
  return commentLines([`set ${name} yourself${how}: ${value}`]);
}
