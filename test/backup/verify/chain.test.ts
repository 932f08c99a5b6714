import { expect, test } from "vitest";
import { judgeChain, type Link } from "../../../backup/verify/chain.ts";
import { keptFiles } from "../../../backup/verify/verify-bucket.ts";

const name = (day: number) => `202611${String(day).padStart(2, "0")}T020000Z.ndjson.gz`;
const at = (day: number) => new Date(`2026-11-${String(day).padStart(2, "0")}T02:00Z`);
const link = (day: number, more: Partial<Link> = {}): Link => ({
  ...{ name: name(day), instant: at(day), sha256: `sha-${day}`, fault: undefined },
  before: day === 1 ? null : { name: name(day - 1), sha256: `sha-${day - 1}` },
  ...more,
});
const CHAIN = [1, 2, 3, 4].map((day) => link(day));
const KEPT = at(1);
const kinds = (links: readonly Link[], kept = KEPT) =>
  judgeChain(links, kept).findings.map(({ kind, manifest }) => [kind, manifest]);

test("a whole chain has no findings, and every moment from its first manifest to its last can be given", () => {
  const { findings, moments } = judgeChain(CHAIN.toReversed(), KEPT);
  expect(findings).toEqual([]);
  expect(moments).toEqual([{ from: at(1), to: at(4), whole: true }]);
});

test("a manifest that is missing is found by the one that follows it; around it states have a gap", () => {
  const links = CHAIN.filter(({ instant }) => instant.getTime() !== at(3).getTime());
  expect(kinds(links)).toEqual([["missing", name(3)]]);
  expect(judgeChain(links, KEPT).moments).toEqual([
    { from: at(1), to: at(2), whole: true },
    { from: at(2), to: at(4), whole: false },
    { from: at(4), to: at(4), whole: true },
  ]);
});

test("a first manifest that expired is none that is missing, one within the time it is kept is", () => {
  expect(kinds(CHAIN.slice(1), at(2))).toEqual([]);
  expect(kinds(CHAIN.slice(1), at(1))).toEqual([["missing", name(1)]]);
});

test("an altered one is found by its digest, and is believed no more", () => {
  const links = CHAIN.map((each, index) => (index === 1 ? { ...each, sha256: "another" } : each));
  expect(kinds(links)).toEqual([["altered", name(2)]]);
  expect(judgeChain(links, KEPT).good.map(({ instant }) => instant)).toEqual([at(1), at(3), at(4)]);
});

test("the last one, of which none has the digest, is found where it is cut, and where something was written over it", () => {
  const cut = CHAIN.with(3, link(4, { fault: "it ends after 3 lines", before: undefined, sha256: "" }));
  expect(kinds(cut)).toEqual([["cut", name(4)]]);
  expect(judgeChain(cut, KEPT).moments).toEqual([{ from: at(1), to: at(3), whole: true }]);
  expect(kinds(CHAIN.with(3, link(4, { overwritten: true })))).toEqual([["overwritten", name(4)]]);
  expect(kinds(CHAIN.with(3, link(4, { fault: "its run gave it another digest" })))).toEqual([["altered", name(4)]]);
});

test("two runs at once that follow the same manifest are right", () => {
  const fork = link(4, { before: { name: name(2), sha256: "sha-2" } });
  expect(kinds(CHAIN.with(3, fork))).toEqual([]);
});

test("without manifests there is nothing to give", () => {
  expect(judgeChain([], KEPT)).toEqual({ findings: [], good: [], moments: [] });
});

test("a backup past its time, which a lifecycle rule hides or whose objects are freed, is no finding; where there is no other it is looked at", () => {
  const expired = CHAIN.with(0, link(1, { overwritten: true }));
  expect(kinds(keptFiles(expired, at(2)) as Link[], at(2))).toEqual([]);
  expect(judgeChain(keptFiles(expired, at(2)) as Link[], at(2)).moments).toEqual([
    { from: at(2), to: at(4), whole: true },
  ]);
  expect(keptFiles(expired, at(5))).toEqual(expired);
});
