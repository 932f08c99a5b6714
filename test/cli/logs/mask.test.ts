import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ownRoot } from "../../../cli/checkout.ts";
import { masks } from "../../../cli/logs/mask.ts";

/** The same cases hold for the masking in Python. */
const file = join(ownRoot(), "pipelines", "shared", "tests", "masking-cases.json");
const cases = JSON.parse(readFileSync(file, "utf8")) as { hidden: [string, string, string][]; shown: string[] };
const mask = masks(ownRoot(), () => ["a known secret"]);

describe("masks of log lines", () => {
  test.each(cases.hidden)("hide a %s on the way to the store", (_, text, canary) => {
    expect(mask(text)).not.toContain(canary);
    expect(mask(text)).toContain("***");
    expect(JSON.stringify(mask({ deep: [text] }))).not.toContain(canary);
  });

  test.each(cases.shown)("leave %j as it is", (text) => {
    expect(mask(text)).toBe(text);
  });

  test("hide values of secret names at any depth, and secrets that are known", () => {
    expect(mask({ db: { Password: 5, host: "h" }, said: ["is a known secret!", null, true, 1.5], email: "x" })).toEqual(
      {
        db: { Password: "***", host: "h" },
        said: ["is ***!", null, true, 1.5],
        email: "***",
      },
    );
  });

  test("leave who did something in an audit line, and no secret beside", () => {
    const line = { audit: true, actor: "ana@example.org", said: "ana@example.org" };
    expect(mask(line)).toEqual({ ...line, said: "***" });
    expect(mask({ ...line, audit: "true" })).toMatchObject({ actor: "***" });
    expect(mask({ ...line, actor: "a known secret" })).toMatchObject({ actor: "***" });
    expect(mask({ ...line, actor: "Bearer canary-opaque-0123456789" })).toMatchObject({ actor: "Bearer ***" });
  });

  test("cut a text that takes long to look through, and say how long it was", () => {
    expect(mask("x ".repeat(20_000))).toMatch(/x \.\.\. \(40000 characters\)$/);
  });
});
