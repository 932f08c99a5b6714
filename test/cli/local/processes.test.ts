import { expect, test } from "vitest";
import { isAlive, isMark, type ProcessMark } from "../../../cli/ending/processes.ts";

test.for([
  ["of no process", {}],
  ["of all processes", { pid: -1, started: "1" }],
  ["of its own group", { pid: 0, started: "1" }],
  ["of init", { pid: 1, started: "1" }],
  ["without its start", { pid: process.pid }],
  ["of a pid that is no number", { pid: "x", started: "1" }],
  ["of half a number", { pid: 1.5, started: "1" }],
  ["that is a text", "garbage"],
  ["that is nothing", null],
] as const)("a mark %s is never taken for a live process, and so never sent a signal", ([, mark]) => {
  expect(isMark(mark)).toBe(false);
  expect(isAlive(mark as unknown as ProcessMark)).toBe(false);
});
