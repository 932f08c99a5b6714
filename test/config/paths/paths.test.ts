import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPath } from "../../../config/paths/bucket-paths.ts";
import { buildKey, parseKey, placeholdersOf } from "../../../config/paths/paths.ts";
import { formOf, hasForm } from "../../../config/paths/placeholders.ts";
import { resolved } from "../../support/platforms.ts";

const MT5 = "source=mt5/market=usdcop/timeframe={timeframe}/date={date}/";
const TEMPLATES = resolved(null, "production").platforms.flatMap(({ buckets }) =>
  buckets.flatMap(({ paths }) => Object.values(paths)),
);

describe("building", () => {
  test("puts the values where the template says", () => {
    // the compiler knows the names: one less, or another, doesn't compile
    const built = buildKey("strategy={strategy}/period={period}/", { strategy: "rl_ppo", period: "2024q4" });
    expect(built).toEqual({ ok: true, key: "strategy=rl_ppo/period=2024q4/" });
  });

  test("names every value that is missing, unknown or malformed, and what to do", () => {
    const built = buildKey<string>(MT5, { time_frame: "m5", date: "20250230", x: "1" });
    expect(built).toEqual({
      ok: false,
      faults: [
        {
          kind: "missing",
          placeholder: "timeframe",
          message: "timeframe is missing",
          fix: "give a unit and a number, as in MetaTrader: m5, h1, d1, w1, mn1, such as m5",
        },
        {
          kind: "unknown",
          placeholder: "time_frame",
          message: "time_frame is no placeholder of this path, there are timeframe, date",
          fix: "did you mean timeframe?",
        },
        {
          kind: "unknown",
          placeholder: "x",
          message: "x is no placeholder of this path, there are timeframe, date",
          fix: "leave it out",
        },
        {
          kind: "malformed",
          placeholder: "date",
          message: 'date must be a day YYYYMMDD, got "20250230"',
          fix: "write for example 20250911",
        },
      ],
    });
  });

  test("takes no name of JavaScript's own objects for a value", () => {
    const built = buildKey<string>("a={constructor}/", {});
    expect(built).toMatchObject({ ok: false, faults: [{ kind: "missing", placeholder: "constructor" }] });
  });

  test.each(["a/b", "..", ".", "", "a b", "a=b", "{date}", "é"])("no value can be %j", (value) => {
    expect(buildKey<string>("name={name}/", { name: value })).toMatchObject({ ok: false });
  });
});

describe("taking apart", () => {
  test("gives the values, and the object behind a prefix", () => {
    const values = { timeframe: "m5", date: "20250911" };
    const key = "source=mt5/market=usdcop/timeframe=m5/date=20250911/";
    expect(parseKey(MT5, key)).toEqual({ ok: true, values, rest: "" });
    expect(parseKey(MT5, `${key}a/b.csv`)).toEqual({ ok: true, values, rest: "a/b.csv" });
  });

  test("of a whole key leaves no rest", () => {
    expect(parseKey("date={date}/summary.parquet", "date=20250911/summary.parquet")).toMatchObject({ rest: "" });
    expect(parseKey("date={date}/summary.parquet", "date=20250911/summary.parquet.bak")).toMatchObject({ ok: false });
  });

  test("says which value is malformed", () => {
    expect(parseKey(MT5, "source=mt5/market=usdcop/timeframe=m5/date=20251345/")).toMatchObject({
      ok: false,
      faults: [{ kind: "malformed", placeholder: "date" }],
    });
  });

  test.each([
    [
      "source=mt5/market=eurusd/timeframe=m5/date=20250911/",
      /^segment 2: where "market=usdcop" stands .* "market=eurusd"/,
    ],
    ["source=mt5/market=usdcop/timeframe=m5", /^segment 4: where "date=\{date\}" stands .* the key has ended$/],
    [
      "source=mt5/market=usdcop/timeframe=m5/date=20250911",
      /^segment 5: where a slash ends the template, the key has ended$/,
    ],
    ["", /^segment 1: /],
  ])("%j: says where it leaves the template", (key, message) => {
    const parsed = parseKey(MT5, key);
    expect(parsed).toMatchObject({ ok: false, faults: [{ kind: "mismatch", placeholder: null }] });
    expect(parsed.ok ? "" : parsed.faults[0]?.message).toMatch(message);
  });

  test("characters of regular expressions stand for themselves", () => {
    expect(parseKey("a.b+c/(x)/", "a.b+c/(x)/")).toMatchObject({ ok: true });
    expect(parseKey("a.b/", "axb/")).toMatchObject({ ok: false });
  });

  test("a placeholder that stands twice has one value", () => {
    expect(parseKey("{name}/{name}.csv", "a/a.csv")).toMatchObject({ ok: true, values: { name: "a" } });
    expect(parseKey("{name}/{name}.csv", "a/b.csv")).toMatchObject({ ok: false });
  });
});

test("whatever is built from a platform's template is taken apart into the same values", () => {
  const filled = fc.constantFrom(...TEMPLATES).chain((template) => {
    const values = placeholdersOf(template).map((name) => [name, value(name)] as const);
    return fc.record({ template: fc.constant(template), values: fc.record(Object.fromEntries(values)) });
  });
  fc.assert(
    fc.property(filled, ({ template, values }) => {
      const built = buildKey(template, values);
      if (!built.ok) throw new Error(JSON.stringify(built));
      expect(parseKey(template, built.key)).toEqual({ ok: true, values, rest: "" });
    }),
  );
});

/** Any text of the pattern that is a value: a calendar throws most out, so the example stands in. */
function value(placeholder: string): fc.Arbitrary<string> {
  const { pattern, example } = formOf(placeholder);
  const text = fc.stringMatching(new RegExp(`^(?:${pattern})$`));
  return fc.oneof(
    fc.constant(example),
    text.map((each) => (hasForm(placeholder, each) ? each : example)),
  );
}

test("no key makes it throw", () => {
  fc.assert(
    fc.property(fc.constantFrom(...TEMPLATES), fc.string({ unit: "grapheme" }), (template, key) => {
      expect(typeof parseKey(template, key).ok).toBe("boolean");
    }),
  );
});

test.each([...new Set(TEMPLATES.flatMap(placeholdersOf))])("the example of {%s} has its own form", (name) => {
  expect(hasForm(name, formOf(name).example)).toBe(true);
});

test.each([
  ["timeframe", ["m5", "h1", "mn1"], ["5m", "m0", "m", "M5"]],
  ["period", ["2024q4"], ["2024q5", "2024Q4", "24q4"]],
  ["feature_set", ["v1", "v10"], ["1", "v01", "v1.0"]],
  ["data_version", ["v20250911"], ["v20250931", "20250911"]],
  ["model_version", ["v1.2.0", "v1.2.0-rc.1"], ["v1.2", "1.2.0", "v1.2.0+x"]],
  [
    "created_at",
    ["2025-09-11:12:34:56:789"],
    ["2025-09-11T12:34:56:789", "2025-02-30:12:34:56:789", "2025-09-11:12:34:56"],
  ],
  ["mlflow_run_id", ["8de878208a774784aeac41e66554d0df"], ["8de87820", "8DE878208A774784AEAC41E66554D0DF"]],
  ["anything_else", ["a", "A-1_b.c"], ["-a", "a/b", ""]],
])("the form of {%s}", (name, right, wrong) => {
  expect(right.filter((each) => !hasForm(name, each))).toEqual([]);
  expect(wrong.filter((each) => hasForm(name, each))).toEqual([]);
});

describe("the template of a bucket that a key follows", () => {
  const templates = { any: "{name}/", model: "models/{model}/", version: "models/{model}/{model_version}/" };

  test("is the one that leaves the least", () => {
    expect(findPath(templates, "models/bert/v1.0.0/a.bin")).toMatchObject({ name: "version", rest: "a.bin" });
    expect(findPath(templates, "models/bert/a.bin")).toMatchObject({ name: "model", rest: "a.bin" });
    expect(findPath(templates, "other/a.bin")).toMatchObject({ name: "any", rest: "a.bin" });
  });

  test("of two that leave the same is the one that says more itself", () => {
    expect(findPath({ any: "{name}/", scalers: "scalers/" }, "scalers/")).toMatchObject({ name: "scalers" });
  });

  test("where none fits, the fault is of the one that fits longest", () => {
    const paths = { daily: "type=daily/date={date}/", weekly: "type=weekly/week={week}/" };
    expect(findPath(paths, "type=weekly/week=202599/")).toMatchObject({
      ok: false,
      faults: [{ kind: "malformed", placeholder: "week" }],
    });
    expect(findPath({}, "a")).toMatchObject({ ok: false, faults: [{ kind: "mismatch" }] });
  });
});
