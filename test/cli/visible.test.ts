import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainText } from "../../config/text/plain.ts";
import { bucketworks } from "../support/cli.ts";
import { HIDDEN } from "../support/hostile.ts";

/** Turned around, zero width, a tag, a line that only some see, a byte order mark, a filler and a joiner of graphemes. */
const TRICKS = [
  "\u202egnp.exe\u202c",
  "\u2066x\u2069",
  "\u200bzero",
  "\u{e0041}tag",
  "y\u2028z",
  "\ufeffmark",
  "\u3164filler",
  "joi\u034fner",
];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "visible-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The trick wherever a spec takes any text, or, `wrong`, where it can't. */
function spec(trick: string, wrong: boolean): string {
  const text = JSON.stringify(trick);
  const bad = wrong ? `, layer: ${text}, ${text}: v, tags: {k: ${text}, ${text}: v}, public_read: [${text}]` : "";
  const roles = wrong ? `{${text}: {description: ${text}}}` : `{r1: {description: ${text}}}`;
  return `metadata: {version: v1.0.0, description: ${text}}
bucket_groups:
  g1:
    description: ${text}
    buckets:
      - {name: raw-data, description: ${text}${bad}}
database: {name: some_db, roles: ${roles}}
`;
}

describe("text that hides what it says", { timeout: 60_000 }, () => {
  test.each(TRICKS)("%j is shown, not obeyed, by check, explain and wrong use, as text and as JSON", async (trick) => {
    const write = (name: string, text: string): string => {
      const file = join(dir, name);
      writeFileSync(file, text);
      return file;
    };
    const good = write("good.yaml", spec(trick, false));
    const wrong = write("wrong.yaml", spec(trick, true));
    const explained = await bucketworks(["explain", "--stage", "dev", good]);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining(plainText(trick)) });
    const runs = [
      explained,
      await bucketworks(["explain", "--stage", "dev", "--format", "json", good]),
      await bucketworks(["explain", "--stage", "dev", wrong]),
      await bucketworks(["check", "--stage", "dev", good, wrong]),
      await bucketworks(["check", "--format", "json", wrong]),
      await bucketworks(["check", join(dir, `${trick}.yaml`)]),
      await bucketworks([`--${trick}`]),
    ];
    for (const { code, stdout, stderr } of runs) {
      expect([0, 1, 2]).toContain(code);
      expect(stdout + stderr).not.toMatch(HIDDEN);
    }
    const { platforms } = JSON.parse(runs[1]?.stdout ?? "");
    expect(platforms[0].description).toBe(trick);
  });
});
