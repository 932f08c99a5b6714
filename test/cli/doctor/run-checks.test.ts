import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CHECKS } from "../../../cli/doctor/checks.ts";
import { parted, right, unknown, wrong } from "../../../cli/doctor/finding.ts";
import { type Check, runChecks } from "../../../cli/doctor/run-checks.ts";
import { summary } from "../../../cli/doctor/words.ts";
import { CommandError, EXIT } from "../../../cli/ending/exit.ts";
import { ROOT } from "../../support/cli.ts";
import { contextWith } from "../../support/doctor.ts";

const check = (name: string, look: Check["look"], ...needs: string[]): Check => ({
  ...{ name, about: name, needs, look },
  runbook: "something-doesnt-work",
});
const at = contextWith({});
const states = (found: readonly { check: string; state: string }[]) =>
  found.map((each) => `${each.check} ${each.state}`);

test("what rests on something wrong or unknown is skipped and says because of what, however far away", async () => {
  const found = await runChecks(
    [
      check("a", async () => [wrong("bad", "fix it")]),
      check("b", async () => [right("never asked")], "a"),
      check("c", async () => [right("never asked")], "b"),
      check("d", async () => [unknown("dark")]),
      check("e", async () => [right("never asked")], "d"),
      check("f", async () => [right("good")]),
    ],
    at,
  );
  expect(states(found)).toEqual(["a wrong", "b skipped", "c skipped", "d unknown", "e skipped", "f right"]);
  expect(found[2]?.seen).toBe("because a isn't right");
  expect(summary(found)).toBe("doctor: 1 right, 1 wrong, 1 not known, 3 skipped; begin with a");
});

test("a look that fails is a finding in words, and ends nothing", async () => {
  const found = await runChecks(
    [
      check("a", async () => {
        throw new CommandError("the stack is away", EXIT.couldNotLook);
      }),
      check("b", async () => [right("good")]),
    ],
    at,
  );
  expect(states(found)).toEqual(["a unknown", "b right"]);
  expect(found[0]).toMatchObject({ seen: "the stack is away", runbook: "docs/runbook.md#something-doesnt-work" });
});

test("what nobody asked for isn't there, and blocks nothing", async () => {
  const unwanted: Check = { ...check("a", async () => [wrong("bad", "fix it")]), wanted: () => false };
  expect(states(await runChecks([unwanted, check("b", async () => [right("good")], "a")], at))).toEqual(["b right"]);
});

test("a sentence of ours is parted into what was seen and its cure", () => {
  expect(parted("wrong", "a; b; do this")).toEqual({ state: "wrong", seen: "a; b", cure: "do this" });
  expect(parted("wrong", "nothing to do")).toEqual({ state: "wrong", seen: "nothing to do" });
});

describe("each check", () => {
  const headings = [...readFileSync(join(ROOT, "docs/runbook.md"), "utf8").matchAll(/^## (.+)$/gm)].map(
    ([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
  );

  test.each(CHECKS.map((each) => [each.name, each] as const))(
    "%s has a section in the runbook, and needs what comes before it",
    (name, each) => {
      expect(headings).toContain(each.runbook);
      const before = CHECKS.slice(
        0,
        CHECKS.findIndex((one) => one.name === name),
      ).map((one) => one.name);
      expect(before).toEqual(expect.arrayContaining([...each.needs]));
    },
  );
});
