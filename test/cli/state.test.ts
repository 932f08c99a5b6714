import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { differences, namesIn, offerCopy, offerText, takeCopy } from "../../cli/recovery/lost-state.ts";
import { judgeCheckpoint } from "../../toolchain/state/checkpoint.ts";
import { KEPT, keepState } from "../../toolchain/state/keep.ts";
import { requireState } from "../../toolchain/state/require.ts";
import { keptCopies, type StatePlaces, statePlaces } from "../../toolchain/state/state-files.ts";

const URN = "urn:pulumi:dev::bucketworks::";
const BUCKET = "bucketworks:index:Bucket";
const USER = "minio:index/iamUser:IamUser";

/** A state with these buckets. */
function stateOf(...buckets: string[]): string {
  const resources = [
    { urn: `${URN}pulumi:pulumi:Stack::dev`, type: "pulumi:pulumi:Stack" },
    ...buckets.map((bucket) => ({ urn: `${URN}${BUCKET}::${bucket}`, type: BUCKET, id: bucket, inputs: { bucket } })),
  ];
  return JSON.stringify({ version: 3, checkpoint: { stack: "organization/bucketworks/dev", latest: { resources } } });
}

let places: StatePlaces;
beforeEach(() => {
  places = statePlaces(mkdtempSync(join(tmpdir(), "bucketworks state ")), "bucketworks", "dev");
  mkdirSync(dirname(places.file), { recursive: true });
});
afterEach(() => rmSync(places.root, { recursive: true, force: true }));

const writeState = (text: string) => writeFileSync(places.file, text);
function writeBackup(milliseconds: number, text: string): void {
  mkdirSync(places.backups, { recursive: true });
  writeFileSync(join(places.backups, `dev.${milliseconds}000000.json`), text);
}

const WHOLE = stateOf("a", "b");
function keepWhole(): void {
  writeState(WHOLE);
  keepState(places);
}
const DAMAGED: readonly (readonly [string, string, RegExp])[] = [
  ["empty", "", /is empty/],
  ["of blanks", "\n\n", /is empty/],
  ["of zeros", "\0".repeat(4096), /nothing but zeros \(4096 bytes\)/],
  ["cut in half", WHOLE.slice(0, WHOLE.length / 2), /cut off or garbled \(\d+ bytes that are no JSON\)/],
  ["cut before its last character", WHOLE.slice(0, -1), /cut off or garbled/],
  ["with garbage after it", `${WHOLE}x`, /cut off or garbled/],
  ["that is another document", '{"version":3}', /no state of Pulumi/],
  ["that is a list", "[]", /no state of Pulumi/],
  ["whose resources are garbled", WHOLE.replaceAll('"urn"', '"un"'), /garbled \(its resources/],
];

describe("a state", () => {
  test.for(DAMAGED)("%s is never built upon: one sentence, and nothing is overwritten", ([, text, why]) => {
    keepState({ ...places, file: place(WHOLE) });
    writeState(text);
    expect(() => keepState(places)).toThrow(why);
    expect(() => requireState(places)).toThrow(/; nothing was changed\. .*bin\/bucketworks recover compares/);
    expect(readFileSync(places.file, "utf8")).toBe(text);
    expect(keptCopies(places).map((file) => readFileSync(file, "utf8"))).toEqual([WHOLE]);
  });

  /** Another file with this text. */
  function place(text: string): string {
    const file = join(places.root, "other.json");
    writeFileSync(file, text);
    return file;
  }

  test("that is whole is counted without the stack itself, and one without resources is whole, too", () => {
    expect(judgeCheckpoint(WHOLE)).toEqual({ kind: "whole", resources: 2 });
    expect(judgeCheckpoint('{"version":3,"checkpoint":{"latest":null}}')).toEqual({ kind: "whole", resources: 0 });
  });

  test("that is compressed is refused by name, alone or beside another one, with the command that unpacks it", () => {
    writeFileSync(`${places.file}.gz`, gzipSync(WHOLE));
    expect(() => requireState(places)).toThrow(
      `dev.json.gz: the state of stack dev is compressed, as PULUMI_SELF_MANAGED_STATE_GZIP asks, and can't be looked at or kept so; nothing was changed. Unset that variable, and: gunzip '${places.file}.gz'`,
    );
    writeState(WHOLE);
    expect(() => keepState(places)).toThrow(/lies beside \S+dev\.json: move away the older one/);
    expect(keptCopies(places)).toEqual([]);
  });

  test("that is damaged without a copy names the runbook", () => {
    writeState("{");
    expect(() => requireState(places)).toThrow(/No whole copy of it is here: docs\/runbook\.md/);
  });
});

describe("before a run of the engine", () => {
  test("the state is kept, once while it stays the same, for its owner alone", () => {
    writeState(WHOLE);
    keepState(places);
    keepState(places);
    const [copy = ""] = keptCopies(places);
    expect(readdirSync(places.kept)).toHaveLength(1);
    expect(readFileSync(copy, "utf8")).toBe(WHOLE);
  });

  test(`the last ${KEPT} are kept, the newest first, even where the clock was set back`, () => {
    mkdirSync(places.kept, { recursive: true });
    const future = Date.now() + 1e9;
    writeFileSync(join(places.kept, `${future}.json`), stateOf("future"));
    const states = Array.from({ length: KEPT + 2 }, (_, at) => stateOf(`bucket-${at}`));
    for (const state of states) {
      writeState(state);
      keepState(places);
    }
    expect(keptCopies(places).map((file) => readFileSync(file, "utf8"))).toEqual(states.slice(-KEPT).reverse());
  });

  test("a stack that was never there has nothing to keep", () => {
    expect(() => keepState(places)).not.toThrow();
    expect(existsSync(places.kept)).toBe(false);
  });
});

describe("a state that is missing", () => {
  test.for([
    ["ours", keepWhole],
    ["Pulumi's", () => writeBackup(1000, WHOLE)],
    ["the one of the change before", () => writeFileSync(`${places.file}.bak`, WHOLE)],
  ] as const)("is lost where a copy is here: %s", ([, keep]) => {
    keep();
    rmSync(places.file, { force: true });
    expect(() => requireState(places)).toThrow(/dev\.json: the state of stack dev is missing; nothing was changed/);
  });

  test("is no loss where the newest copy has no resources, as after destroy", () => {
    writeBackup(1000, WHOLE);
    writeBackup(2000, stateOf());
    expect(requireState(places)).toBeUndefined();
  });
});

describe("recover", () => {
  const server = { buckets: new Map([["a", new Date(0)]]), users: new Set<string>(), bare: new Set<string>() };
  const offer = (specs = { buckets: ["a"], users: [] as string[] }) =>
    offerCopy(
      places,
      () => specs,
      async () => server,
    );

  test("offers nothing where the state is whole", async () => {
    writeState(WHOLE);
    expect(await offer()).toBeUndefined();
  });

  test("passes over copies that are cut themselves, and offers the newest whole one with its age", async () => {
    writeState("");
    writeBackup(60_000, stateOf("a", "old"));
    writeBackup(120_000, WHOLE);
    writeBackup(180_000, WHOLE.slice(0, 40));
    const found = await offer();
    expect(found?.copy).toMatchObject({ taken: new Date(120_000), resources: 2 });
    expect(found && offerText(places, found, 420_000)).toMatch(
      /the newest whole copy is 5 minutes old and knows 2 resources: \S/,
    );
    expect(found?.differences).toEqual([
      "bucket b: in the copy, not on the server; pulumi up --refresh makes it again",
    ]);
  });

  test("says what differs from the server: what is gone, and what the copy doesn't know yet", () => {
    const live = {
      buckets: new Map([
        ["new", new Date(0)],
        ["foreign", new Date(0)],
      ]),
      users: new Set(["ada"]),
      bare: new Set<string>(),
    };
    const lines = differences({ buckets: ["gone"], users: ["bob"] }, { buckets: ["new"], users: ["ada"] }, live);
    expect(lines.map((line) => line.split(";")[0])).toEqual([
      "bucket gone: in the copy, not on the server",
      "bucket new: on the server and in the specs, not in the copy",
      "user bob: in the copy, not on the server",
      "user ada: on the server and in the specs, not in the copy",
    ]);
  });

  test("takes the copy whole, and deletes neither it nor what lay in its place", async () => {
    writeState("{");
    writeBackup(1000, WHOLE);
    const found = await offer();
    if (found === undefined) throw new Error("no offer");
    expect(takeCopy(places, found, 5)).toContain(".bucketworks/state-kept/dev/damaged-5.json");
    expect(readFileSync(places.file, "utf8")).toBe(WHOLE);
    expect(readFileSync(join(places.kept, "damaged-5.json"), "utf8")).toBe("{");
    expect(readdirSync(places.backups)).toHaveLength(1);
  });

  test("knows a bucket and a user by their names on the server", () => {
    const user = { urn: `${URN}${USER}::x/y`, type: USER, id: "y", inputs: { name: "x-y" } };
    const state = JSON.parse(WHOLE);
    state.checkpoint.latest.resources.push(user);
    expect(namesIn(JSON.stringify(state))).toEqual({ buckets: ["a", "b"], users: ["x-y"] });
  });
});
