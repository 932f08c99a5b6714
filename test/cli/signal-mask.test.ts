import { constants } from "node:os";
import { expect, test } from "vitest";
import { type EndSignal, toldByMask } from "../../cli/ending/signal-mask.ts";

const mask = (...names: NodeJS.Signals[]): bigint =>
  names.reduce((bits, name) => bits | (1n << BigInt(constants.signals[name] - 1)), 0n);
const NONE = 0n;
const ALL = mask("SIGINT", "SIGTERM", "SIGHUP", "SIGCHLD");

/** What each look after the first one gives. */
function told(...looks: (bigint | undefined)[]): (EndSignal | undefined)[] {
  const tell = toldByMask(looks[0]);
  return looks.slice(1).map(tell);
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s that stays blocked was sent to make", (name) => {
  expect(told(NONE, mask(name), mask(name))).toEqual([undefined, name]);
});

test.each([
  ["all, which make blocks while it starts or reaps a child", [NONE, ALL, ALL, ALL]],
  ["one that make's starter had blocked", [mask("SIGINT"), mask("SIGINT"), mask("SIGINT")]],
  ["one, seen for a moment only", [NONE, mask("SIGINT"), NONE, mask("SIGINT"), NONE]],
  ["one after another", [NONE, mask("SIGINT"), mask("SIGHUP"), mask("SIGINT")]],
  ["two of them", [NONE, mask("SIGINT", "SIGHUP"), mask("SIGINT", "SIGHUP")]],
  ["another signal", [NONE, mask("SIGCHLD"), mask("SIGCHLD")]],
  ["those of no make", [undefined, undefined, undefined]],
] as const)("a make that blocks %s was told nothing", (_, looks) => {
  expect(told(...looks)).toEqual(looks.slice(1).map(() => undefined));
});

test("a make is heard that was starting a child at the first look, or whose starter had blocked another one", () => {
  expect(told(ALL, NONE, mask("SIGINT"), mask("SIGINT")).at(-1)).toBe("SIGINT");
  const inherited = mask("SIGHUP");
  expect(told(inherited, mask("SIGINT", "SIGHUP"), mask("SIGINT", "SIGHUP")).at(-1)).toBe("SIGINT");
});
