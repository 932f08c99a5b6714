import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse as parseSql } from "libpg-query";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { commentLines } from "../../../config/text/comment.ts";
import { envLines, iniSection } from "../../../config/text/key-value.ts";
import { plainLines } from "../../../config/text/plain.ts";
import { shellWord } from "../../../config/text/shell.ts";
import { sqlText } from "../../../config/text/sql.ts";
import { yamlText } from "../../../config/text/yaml.ts";
import { HIDDEN, HOSTILE, hostileText } from "../../support/hostile.ts";

describe("YAML", () => {
  const stays = (text: string): void => {
    const value = { name: text, list: [text, { [`k${text}`]: 1 }], after: true };
    const yaml = yamlText(value);
    expect(yaml).not.toMatch(HIDDEN);
    expect(parse(yaml)).toEqual(value);
    expect(parseDocument(yaml).errors).toEqual([]);
  };

  test.each(HOSTILE)("%j hides nothing, and stays what it was", stays);

  test("any text hides nothing, and stays what it was", () => fc.assert(fc.property(hostileText, stays)));

  test("any text in a comment is one comment", () => {
    fc.assert(fc.property(hostileText, (text) => parse(`${commentLines([text])}a: 1\n`).a === 1));
  });
});

describe("a shell", { timeout: 60_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hostile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the shell prints, parted by NUL as no value of a variable can hold one. */
  const sh = (script: string): string[] => {
    const { stdout, stderr, status } = spawnSync("sh", [], { cwd: folder, input: script, encoding: "utf8", env: {} });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(readdirSync(folder)).toEqual([]);
    return stdout.split("\0").slice(0, -1);
  };

  const WITHIN_A_SHELL = HOSTILE.filter((text) => !/\p{Cs}/u.test(text) && !text.includes("\0"));

  test.each(WITHIN_A_SHELL)("takes %j for one word", (text) => {
    expect(sh(`printf '%s\\0' ${shellWord(text)}`)).toEqual([text]);
  });

  test.each(HOSTILE)("reads an env file with %j as its variables and no more", (text) => {
    const file = envLines({ BEFORE: "1", VALUE: text, AFTER: "2" });
    const script = `set -a\n${file}\nset +a\nprintf '%s\\0' "$BEFORE" "\${VALUE-none}" "$AFTER" "\${INJECTED-none}"`;
    expect(sh(script)).toEqual(["1", text === "yes" ? text : "none", "2", "none"]);
    for (const line of file.split("\n")) expect(line).toMatch(/^(?:(?:BEFORE|VALUE|AFTER)=|#|$)/);
  });
});

test("any value in an INI section is its line or a comment: no second key, no second section", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const lines = iniSection("ada", { before: "1", value: text, after: "2" }).split("\n");
      expect(lines).toHaveLength(5);
      expect(lines.filter((line) => line.startsWith("["))).toEqual(["[ada]"]);
      expect(lines[2]).toMatch(/^(?:value = |# set value yourself:)/);
    }),
  );
});

test("any text is one constant of PostgreSQL, and a comment on a role is one statement", async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, async (text) => {
      const { stmts = [] } = await parseSql(`COMMENT ON ROLE ada IS ${sqlText(text)}`);
      expect(stmts).toHaveLength(1);
      const comment = plainLines(text);
      expect(stmts[0]?.stmt).toMatchObject({ CommentStmt: comment === "" ? {} : { comment } });
    }),
  );
});
