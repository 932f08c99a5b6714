import { plainLines } from "./plain.ts";

/** A string constant of PostgreSQL for people to read, a comment on a role for example. PostgreSQL's text holds no NUL. */
export function sqlText(text: string): string {
  const constant = plainLines(text).replaceAll("'", "''");
  return constant.includes("\\") ? `E'${constant.replaceAll("\\", "\\\\")}'` : `'${constant}'`;
}
