import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Entry, KIND } from "../../../toolchain/journal/deployment.ts";
import { digestOf, type Header, JournalWriter, readJournal } from "../../../toolchain/journal/journal-file.ts";
import { settleLeftovers } from "../../../toolchain/journal/leftover.ts";

const STATE = JSON.stringify({ version: 3, checkpoint: { stack: "organization/p/dev", latest: { metadata: {} } } });
/** More than any process has. */
const NOBODY = 2 ** 22 + 1;
const HEADER: Header = { journal: 1, base: digestOf(STATE), pid: NOBODY, cli: NOBODY, engine: "v3.258.0" };
const made = (name: string, sequenceID: number): Entry => ({
  version: 1,
  kind: KIND.success,
  sequenceID,
  operationID: sequenceID,
  state: { urn: `urn:pulumi:dev::p::t:index:T::${name}`, type: "t:index:T" },
});

let folder: string;
let state: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-journal-"));
  state = join(folder, "stacks/p/dev.json");
  journal = join(folder, "journals/p/dev.jsonl");
  mkdirSync(join(folder, "stacks/p"), { recursive: true });
  writeFileSync(state, STATE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(header: Header = HEADER): void {
  const writer = JournalWriter.begin(journal, header);
  writer.entries([made("a", 1)]);
  writer.entries([made("b", 2), made("c", 3)]);
  writer.close();
}

/** Names of the resources of the state. */
function known(): string[] {
  const { checkpoint } = JSON.parse(readFileSync(state, "utf8"));
  return (checkpoint.latest.resources ?? []).map(({ urn }: { urn: string }) => urn.split("::").at(-1));
}

describe("a journal", () => {
  test("has all that was acknowledged, readable by its owner alone", () => {
    write();
    expect(readJournal(journal)).toEqual({
      header: HEADER,
      entries: [made("a", 1), made("b", 2), made("c", 3)],
      made: undefined,
    });
    expect(statSync(journal).mode & 0o777).toBe(0o600);
  });

  test("whose last line was cut off has the lines before", () => {
    write();
    appendFileSync(journal, '{"version":1,"kind":1,"sequ');
    expect(readJournal(journal)?.entries).toHaveLength(3);
  });

  test("that is there already isn't written over", () => {
    write();
    expect(() => JournalWriter.begin(journal, HEADER)).toThrow("EEXIST");
  });
});

describe("the journal of an update that was killed together with its keeper", () => {
  const settle = () => settleLeftovers(folder, "p");

  test("is made into the state, once; the one before lies beside it", () => {
    write();
    settle();
    expect(known()).toEqual(["a", "b", "c"]);
    expect(readFileSync(`${state}.bak`, "utf8")).toBe(STATE);
    expect(existsSync(journal)).toBe(false);
    settle();
    expect(known()).toEqual(["a", "b", "c"]);
  });

  test("goes where its state is in place already", () => {
    write();
    const writer = JournalWriter.reopen(journal);
    writer.ending('{"version":3,"checkpoint":{"latest":{}}}');
    writer.close();
    writeFileSync(state, '{"version":3,"checkpoint":{"latest":{}}}');
    settle();
    expect([existsSync(journal), known()]).toEqual([false, []]);
  });

  test("is made into the state anew where it was killed before that was in place", () => {
    write();
    const writer = JournalWriter.reopen(journal);
    writer.ending("something else");
    writer.close();
    settle();
    expect(known()).toEqual(["a", "b", "c"]);
  });

  test("says nothing where its first line was cut off, and goes", () => {
    mkdirSync(join(folder, "journals/p"), { recursive: true });
    writeFileSync(journal, '{"journal":1,"ba');
    settle();
    expect([existsSync(journal), readFileSync(state, "utf8")]).toEqual([false, STATE]);
  });

  test.each([
    [
      "of another state",
      () => writeFileSync(state, STATE.replace("dev", "prod")),
      /the state was changed since it began/,
    ],
    ["of no state", () => rmSync(state), /there is no state/],
    [
      "that is garbled in its middle",
      () => writeFileSync(journal, `${JSON.stringify(HEADER)}\n\0\0\n{}\n`),
      /line 2 is no JSON/,
    ],
  ])("%s is refused, and nothing is changed", (_, spoil, words) => {
    write();
    spoil();
    const before = [state, journal].map((file) => existsSync(file) && readFileSync(file, "utf8"));
    expect(settle).toThrow(words);
    expect([state, journal].map((file) => existsSync(file) && readFileSync(file, "utf8"))).toEqual(before);
  });
});
