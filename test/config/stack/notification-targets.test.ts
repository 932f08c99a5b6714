import { describe, expect, test } from "vitest";
import { deploymentFaults } from "../../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseStackSettings, type RawSetting } from "../../../config/stack/parse-settings.ts";

const LAKE = { type: "webhook", endpoint: "https://lake.example/told" };
const LOG = { type: "postgresql", host: "db", database: "d", user: "teller", table: "events" };
const CANARY = "canary-secret";

function parsed(targets: unknown, secrets?: RawSetting, more: Record<string, RawSetting> = {}) {
  const notificationTargets = { value: targets, isEncrypted: false };
  return parseStackSettings({ notificationTargets, ...(secrets && { notificationSecrets: secrets }), ...more });
}

const encrypted = (value: unknown): RawSetting => ({ value: JSON.stringify(value), isEncrypted: true });
const faults = (...args: Parameters<typeof parsed>): string[] =>
  parsed(...args).faults.map((each) => formatSettingFault(each, "dev"));

test("targets are read with every default, and nothing is wrong with them or their secrets", () => {
  const { settings, faults } = parsed(
    { lake: LAKE, log: LOG },
    encrypted({ lake: { token: "t" }, log: { password: "p" } }),
  );
  expect(faults).toEqual([]);
  expect(settings.notificationTargets).toEqual({
    lake: { ...LAKE, queueLimit: 100_000 },
    log: { ...LOG, port: 5432, format: "access", tls: "verify-full", queueLimit: 100_000 },
  });
});

describe("a target is refused with its place, and what is wrong:", () => {
  test.each<[string, unknown, RegExp]>([
    ["a name that no variable can have", { "data-lake": LAKE }, /notificationTargets.data-lake is no name of a target/],
    [
      "a kind that isn't offered",
      { lake: { type: "kafka" } },
      /notificationTargets.lake.type must be one of webhook, postgresql/,
    ],
    [
      "an address with a secret in it",
      { lake: { ...LAKE, endpoint: "https://u:p@lake" } },
      /lake.endpoint must be an http or/,
    ],
    [
      "a table that needs quotes",
      { log: { ...LOG, table: "my events" } },
      /log.table must be a table of lower-case letters/,
    ],
    ["a queue without end", { lake: { ...LAKE, queueLimit: 0 } }, /lake.queueLimit must be at least 1, got 0/],
    ["a password beside it", { log: { ...LOG, password: "x" } }, /log.password is an unknown key/],
  ])("%s", (_, targets, words) => {
    expect(faults(targets)).toEqual([expect.stringMatching(words)]);
  });
});

describe("secrets of targets are refused, and never shown:", () => {
  test.each<[string, RawSetting, RegExp]>([
    ["in plaintext", { value: { lake: { token: CANARY } }, isEncrypted: false }, /must be encrypted/],
    [
      "of no target",
      encrypted({ lkae: { token: CANARY } }),
      /notificationSecrets.lkae is of no target .*, there are lake, log/,
    ],
    [
      "of another kind",
      encrypted({ lake: { password: CANARY } }),
      /lake.password is nothing that a target of type webhook has/,
    ],
    [
      "of several lines",
      encrypted({ lake: { token: `${CANARY}\nX=y` } }),
      /must be a map of names of targets, .*, one line of text/,
    ],
    [
      "of three words, which MinIO leaves out",
      encrypted({ lake: { token: `Bearer ${CANARY} x` } }),
      /must be a map of names of targets, .* token \(one or two words\)/,
    ],
    ["no map", encrypted(CANARY), /must be a map of names of targets/],
  ])("%s", (_, secrets, words) => {
    const found = faults({ lake: LAKE, log: LOG }, secrets);
    expect(found).toEqual([expect.stringMatching(words)]);
    expect(found.join()).not.toContain(CANARY);
  });
});

test("outside dev no name of an object travels in plaintext, and a server on Kubernetes has each password", () => {
  const plain = { lake: { ...LAKE, endpoint: "http://lake/x" }, log: { ...LOG, tls: "disable" } };
  const said = (targets: unknown, stage: string) =>
    deploymentFaults(
      parsed(targets, undefined, { target: { value: "kubernetes", isEncrypted: false } }).settings,
      stage,
      "stack",
    )
      .map((each) => formatSettingFault(each, stage))
      .filter((each) => each.includes("notification"));
  expect(said(plain, "production")).toEqual([
    expect.stringMatching(/notificationTargets.lake.endpoint is an http URL: .*refused outside dev/),
    expect.stringMatching(/notificationTargets.log.tls is disable: .*refused outside dev/),
    expect.stringMatching(/target log of .* has no password .*config set .*--path --secret/),
  ]);
  expect(said(plain, "dev")).toEqual([expect.stringMatching(/target log of .* has no password/)]);
});
