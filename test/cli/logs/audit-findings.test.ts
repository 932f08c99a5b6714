import { expect, test } from "vitest";
import { judgeTrail, type Version } from "../../../cli/logs/audit-findings.ts";
import { digestOf } from "../../../cli/logs/audit-trail.ts";

/** A chain of objects with one line each. */
function chain(length: number): { key: string; body: string }[] {
  const made: { key: string; body: string }[] = [];
  for (let sequence = 1; sequence <= length; sequence++) {
    const last = made.at(-1);
    const link = { chain: "c", sequence, previous: last === undefined ? null : digestOf(last.body), lines: 1 };
    made.push({ key: `date=2026-11-30/c-${sequence}.jsonl`, body: `${JSON.stringify(link)}\n{"n":${sequence}}\n` });
  }
  return made;
}

const findings = (versions: readonly Version[], head?: Parameters<typeof judgeTrail>[1]) =>
  judgeTrail(versions, head).findings;

test("a whole trail has no findings, also where its oldest objects are gone by age", () => {
  const whole = chain(4);
  expect(judgeTrail(whole, undefined)).toEqual({ objects: 4, lines: 4, chains: 1, findings: [] });
  expect(findings(whole.slice(2))).toEqual([]);
});

test("an object that is missing, altered or no object of the trail breaks the chain where it is", () => {
  const [one, two, three, four] = chain(4) as [Version, Version, Version, Version];
  expect(findings([one, two, four])).toEqual(["chain c: object 3 is missing"]);
  const altered = { ...two, body: two.body?.replace('"n":2', '"n":9') };
  expect(findings([one, altered, three])).toEqual(["chain c: object 2 isn't what object 3 follows"]);
  expect(findings([one, { key: "x", body: "hello" }])).toEqual(["x: is no object of the trail"]);
  const longer = { ...one, body: `${one.body}{"n":7}\n` };
  expect(findings([longer])).toEqual([`${one.key}: has 2 lines, and says that it has 1`]);
});

test("the newest object that was stored from here has to be there as it was", () => {
  const whole = chain(2);
  const head = { chain: "c", sequence: 2, digest: digestOf(whole[1]?.body ?? "") };
  expect(findings(whole, head)).toEqual([]);
  expect(findings(whole.slice(0, 1), head)).toEqual([
    "chain c: object 2, the newest that was stored from here, isn't there as it was",
  ]);
});
