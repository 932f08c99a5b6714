import { describe, expect, test } from "vitest";
import { reportPage, reportText } from "../../../cli/fleet/report.ts";
import { type FleetReport, isSettled, type StackResult, worst } from "../../../cli/fleet/result.ts";
import { type Outcome, runStacks } from "../../../cli/fleet/run.ts";
import { type FleetStack, namesIn, selected } from "../../../cli/fleet/stacks.ts";
import { HOSTILE } from "../../support/hostile.ts";

const stack = (name: string, tags: Record<string, string> = {}): FleetStack => ({
  stack: name,
  stage: "dev",
  endpoint: `${name}.example:9000`,
  tags,
});
const result = (name: string, code: StackResult["code"]): StackResult => ({
  stack: name,
  endpoint: null,
  code,
  what: "1 create",
  seconds: 1.25,
  log: `${name}.log`,
});
const names = (stacks: readonly { stack: string }[]) => stacks.map((each) => each.stack);

describe("the stacks that a command is about", () => {
  const all = [stack("a", { region: "eu", wave: "1" }), stack("b", { region: "eu" }), stack("c", { region: "us" })];

  test("are all where nothing is said", () =>
    expect(names(selected(all, { names: undefined, tags: {} }))).toEqual(["a", "b", "c"]));

  test("have every tag that is asked for", () => {
    expect(names(selected(all, { names: undefined, tags: { region: "eu" } }))).toEqual(["a", "b"]);
    expect(names(selected(all, { names: undefined, tags: { region: "eu", wave: "1" } }))).toEqual(["a"]);
  });

  test("are those of a file", () =>
    expect(names(selected(all, { names: namesIn("c # the last\n\n# none\na\n"), tags: {} }))).toEqual(["a", "c"]));

  test("that aren't there are refused, and the like of it is named", () => {
    const many = [stack("plant-north"), stack("plant-south")];
    const ask = () => selected(many, { names: ["plant-nort"], tags: {} });
    expect(ask).toThrow('no stack "plant-nort": no Pulumi.plant-nort.yaml is here; did you mean plant-north?');
  });

  test("of a file without a name says so, with those there are", () => {
    expect(() => selected(all, { names: namesIn("# none\n"), tags: {} })).toThrow(
      /^no stack is named; there are a, b, c$/,
    );
    expect(() => selected([], { names: undefined, tags: {} })).toThrow(/^no stack; none has settings here/);
  });

  test("of a tag that none has are refused, and the tags that there are are named", () =>
    expect(() => selected(all, { names: undefined, tags: { region: "moon" } })).toThrow(
      "no stack has the tags region=moon; there are region=eu, region=us, wave=1",
    ));
});

describe("a run over stacks", () => {
  test("goes on past one that fails, and has no more at work than it may", async () => {
    let [now, most] = [0, 0];
    const told: string[] = [];
    const ask = async ({ stack: name }: FleetStack): Promise<Outcome> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return { code: name === "s-2" ? 3 : 0, what: "", said: "" };
    };
    const all = Array.from({ length: 9 }, (_, index) => stack(`s-${index}`));
    await runStacks(all, 3, ask, ({ stack: name, code }) => told.push(`${name} ${code}`));
    expect(told.sort()).toEqual(all.map(({ stack: name }) => `${name} ${name === "s-2" ? 3 : 0}`));
    expect(most).toBe(3);
  });

  test("that is interrupted begins nothing more", async () => {
    const asked: string[] = [];
    const ask = async ({ stack: name }: FleetStack): Promise<Outcome> => {
      asked.push(name);
      if (asked.length === 2) throw new Error("interrupted");
      return { code: 0, what: "", said: "" };
    };
    const all = ["a", "b", "c", "d"].map((name) => stack(name));
    await expect(runStacks(all, 1, ask, () => undefined)).rejects.toThrow("interrupted");
    expect(asked).toEqual(["a", "b"]);
  });

  test("that is resumed repeats updates that failed, and looks that found nothing out", () => {
    expect([0, 1, 2, 3].map((code) => isSettled("up", result("a", code as 0)))).toEqual([true, false, false, false]);
    expect([0, 1, 2, 3].map((code) => isSettled("scan", result("a", code as 0)))).toEqual([true, true, false, false]);
  });

  test.each([
    [[0, 0], 0],
    [[0, 1], 1],
    [[1, 3, 0], 3],
    [[0, 2], 3],
    [[], 0],
  ] as const)("with exit codes %j ends with %i", (codes, code) =>
    expect(worst(codes.map((each) => result("a", each)))).toBe(code),
  );
});

describe("its report", () => {
  const report: FleetReport = {
    schemaVersion: 1,
    command: "up",
    began: "2026-01-02T12:00:00.000Z",
    stacks: 4,
    results: [result("a", 0), result("c", 1), result("b", 0)],
  };

  test("has the gravest first, and says what is left", () =>
    expect(reportText(report).split("\n")).toEqual([
      "STACK  SERVER  RESULT  TOOK   WHAT",
      "c      -       failed  1.3 s  1 create",
      "a      -       done    1.3 s  1 create",
      "b      -       done    1.3 s  1 create",
      "",
      "up of 4 stacks: 1 failed, 2 done, 1 not yet: --resume goes on",
    ]));

  test.each(Object.entries(HOSTILE))("keeps hostile text text: %s", (_, text) => {
    const page = reportPage({ ...report, results: [{ ...result("a", 1), what: text }] });
    const plain = reportPage({ ...report, results: [{ ...result("a", 1), what: "" }] });
    expect(page.match(/<[a-z/!][^>]*>/g)).toEqual(plain.match(/<[a-z/!][^>]*>/g));
  });
});
