import { afterAll, beforeAll, expect, test } from "vitest";
import { BackedUp } from "../support/backed-up.ts";

/** Of each command; `KILLS=20 make test` kills as often as an owner of data would want. */
const KILLS = Number(process.env.KILLS ?? 3);

let made: BackedUp;

beforeAll(async () => {
  made = await BackedUp.start();
});

afterAll(() => made?.remove());

test("backup and restore that are killed at random moments lose nothing: the next run has all", async () => {
  const puts = Array.from({ length: 60 }, (_, index) => made.put("other", `in/${index}`, `content ${index}`));
  await Promise.all(puts);
  const then = await made.contents("other");
  let killed = 0;
  for (let index = 0; index < KILLS; index++) {
    if (await made.killed(400 + Math.random() * 1200, "backup", "run", "--bucket", "other")) killed += 1;
  }
  await made.backUp("other");
  for (let index = 0; index < KILLS; index++) {
    const args = ["restore", "other", "--to", "latest", "--into", "other-again"];
    if (await made.killed(400 + Math.random() * 1200, ...args)) killed += 1;
  }
  expect((await made.run("restore", "other", "--to", "latest", "--into", "other-again")).code).toBe(0);
  expect(await made.contents("other-again")).toEqual(then);
  expect((await made.run("backup", "verify", "--bucket", "other", "--read")).code).toBe(0);
  expect(killed).toBeGreaterThan(0);
});
