import { expect, test } from "vitest";
import { Tally } from "../../../backup/restore/steps.ts";
import { freshName } from "../../../cli/restore/destination.ts";
import { doneWords, exampleLines, planWords } from "../../../cli/restore/words.ts";

const AT = new Date("2026-11-20T10:00:00.000Z");

test("the fresh bucket is named by bucket and moment, the same for the same restore, and never too long", () => {
  expect(freshName("data", AT, {})).toBe("data-20261120t100000z");
  expect(freshName("data", new Date("2026-11-20T10:00:00.250Z"), {})).toBe("data-20261120t100000250z");
  const part = freshName("data", AT, { prefix: "a/" });
  expect(part).toMatch(/^data-20261120t100000z-[0-9a-f]{6}$/);
  expect(freshName("data", AT, { prefix: "a/" })).toBe(part);
  expect(freshName("data", AT, { prefix: "b/" })).not.toBe(part);
  const long = freshName(`${"a".repeat(45)}.${"b".repeat(17)}`, AT, {});
  expect(long.length).toBeLessThanOrEqual(63);
  expect(long).toMatch(/^a+-20261120t100000z$/);
});

test("what there is nothing of isn't said; keys are shown as text", () => {
  const tally = new Tally();
  expect(planWords(tally)).toBe("nothing to do");
  tally.add("written", { key: "a", size: 2048 });
  tally.add("lost", { key: "b\n\u202e", size: 1, reason: "gone" });
  expect(planWords(tally)).toBe("1 object to write (2.0 KiB), 1 object that can't be restored (1 bytes)");
  expect(doneWords(tally)).toBe("1 object written (2.0 KiB), 1 object that couldn't be restored (1 bytes)");
  expect(exampleLines(tally, ["lost"])).toEqual([`  ${JSON.stringify("b\n\u202e")}: gone`]);
});
