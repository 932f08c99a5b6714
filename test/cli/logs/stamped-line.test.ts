import { expect, test } from "vitest";
import { type LinePosition, linesAfter, positionBehind, stampedLine } from "../../../cli/logs/pods/stamped-line.ts";

const at = (fraction: string, text = "x") => stampedLine(`2026-11-30T10:00:00${fraction}Z ${text}`);

test("a line of a container has its time with nine digits, whatever Kubernetes left out, and may be empty", () => {
  expect(at(".5", "a b")).toEqual({ at: "2026-11-30T10:00:00.500000000Z", text: "a b" });
  expect(at("")).toEqual({ at: "2026-11-30T10:00:00.000000000Z", text: "x" });
  expect(stampedLine("2026-11-30T10:00:00.1Z")).toEqual({ at: "2026-11-30T10:00:00.100000000Z", text: "" });
  const said = "unable to retrieve container logs for containerd://0";
  expect(stampedLine(said)).toEqual({ at: "", text: said });
});

test("of a second that comes again only what is behind the position is new, also among lines of one time", () => {
  const lines = [at(".1", "one"), at(".2", "two"), at(".2", "three"), at(".2", "four"), at(".3", "five")];
  const behind = (count: number) =>
    lines
      .slice(0, count)
      .reduce<LinePosition | undefined>((before, line) => positionBehind(before, line, 0), undefined);
  for (let count = 0; count <= lines.length; count++) {
    const isNew = linesAfter(behind(count));
    expect(lines.filter(isNew)).toEqual(lines.slice(count));
  }
});

test("what Kubernetes says itself has no time, moves no position and is always new", () => {
  const said = stampedLine("failed to create fsnotify watcher");
  const position = { at: "2026-11-30T10:00:00.100000000Z", count: 1, restarts: 2 };
  expect(positionBehind(position, said, 2)).toEqual(position);
  expect(positionBehind(undefined, said, 0)).toBeUndefined();
  expect(linesAfter(position)(said)).toBe(true);
});
