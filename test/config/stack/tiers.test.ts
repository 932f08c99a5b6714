import { describe, expect, test } from "vitest";
import { deploymentFaults } from "../../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseNamedCredentials } from "../../../config/stack/named-credentials.ts";
import { parseStackSettings } from "../../../config/stack/parse-settings.ts";

const TIER = { type: "minio", endpoint: "https://cold.example:9000", bucket: "archive", prefix: "glacier" };
const CANARY = "canary-of-a-secret";
const KEYS = { GLACIER: { accessKey: "mover", secretKey: CANARY } };

const parse = (tiers: object, keys: unknown = KEYS, isEncrypted = true) =>
  parseStackSettings({
    tiers: { value: tiers, isEncrypted: false },
    tierCredentials: { value: keys === undefined ? undefined : JSON.stringify(keys), isEncrypted },
  });
const faults = (...args: Parameters<typeof parse>): string[] =>
  parse(...args).faults.map((fault) => formatSettingFault(fault, "prod"));

test("a tier is read with its defaults: it stays on the server, and takes over nothing", () => {
  const { settings, faults } = parse({ GLACIER: TIER });
  expect([settings.tiers, faults]).toEqual([{ GLACIER: { ...TIER, onDelete: "retain", adopt: false } }, []]);
  expect(parse({}, undefined).settings.tiers).toEqual({});
  for (const endpoint of ["https://cold.example", "https://cold.example:443", "http://10.0.0.5:9000/"])
    expect(faults && parse({ GLACIER: { ...TIER, endpoint } }).faults).toEqual([]);
});

describe("refused, with the place and the command that helps:", () => {
  test.each([
    [
      "a name in small letters",
      { glacier: TIER },
      /^bucketworks:tiers.glacier is no name of a tier: .*pulumi config rm --stack prod --path 'bucketworks:tiers.glacier'$/,
    ],
    ["a name that S3 keeps", { STANDARD: TIER }, /^bucketworks:tiers.STANDARD is no name of a tier/],
    [
      "a URL with a path",
      { GLACIER: { ...TIER, endpoint: "https://cold.example/archive" } },
      /^bucketworks:tiers.GLACIER.endpoint must be the URL of the other store, https:\/\/HOST:PORT/,
    ],
    [
      "a URL with a user",
      { GLACIER: { ...TIER, endpoint: "https://u:p@cold.example" } },
      /^bucketworks:tiers.GLACIER.endpoint must be/,
    ],
    [
      "another kind of store",
      { GLACIER: { ...TIER, type: "azure" } },
      /^bucketworks:tiers.GLACIER.type must be one of minio, s3, got "azure"/,
    ],
    [
      "no bucket",
      { GLACIER: { type: "s3", endpoint: TIER.endpoint } },
      /^bucketworks:tiers.GLACIER.bucket must be text, got nothing/,
    ],
    [
      "a key in plain sight",
      { GLACIER: { ...TIER, secretKey: "x" } },
      /^bucketworks:tiers.GLACIER.secretKey is an unknown key, allowed are type, endpoint, bucket/,
    ],
    [
      "a prefix with a slash at its end",
      { GLACIER: { ...TIER, prefix: "cold/" } },
      /^bucketworks:tiers.GLACIER.prefix must be names/,
    ],
    [
      "a class of a MinIO",
      { GLACIER: { ...TIER, storageClass: "STANDARD_IA" } },
      /^bucketworks:tiers.GLACIER.storageClass belongs to type s3 alone/,
    ],
  ])("%s", (_, tiers, words) => {
    expect(faults(tiers)[0]).toMatch(words);
  });

  test("keys that are missing, of no tier, in plaintext or in another form; no fault shows one", () => {
    const all = [
      ...faults({ GLACIER: TIER }, {}),
      ...faults({}, KEYS),
      ...faults({ GLACIER: TIER }, KEYS, false),
      ...faults({ GLACIER: TIER }, { GLACIER: { secretKey: CANARY } }),
    ];
    expect(all).toEqual([
      expect.stringMatching(
        /^tier GLACIER has no key in bucketworks:tierCredentials; .*--path --secret 'bucketworks:tierCredentials.GLACIER.accessKey', then/,
      ),
      expect.stringMatching(
        /^bucketworks:tierCredentials.GLACIER is a key of no tier in bucketworks:tiers, there is none; remove it/,
      ),
      expect.stringMatching(/^bucketworks:tierCredentials must be encrypted/),
      expect.stringMatching(
        /^bucketworks:tierCredentials must be a map of names of tiers, each with the keys accessKey and secretKey/,
      ),
    ]);
    expect(all.join()).not.toContain(CANARY);
  });

  test("a store without TLS, outside dev", () => {
    const { settings } = parse({ GLACIER: { ...TIER, endpoint: "http://10.0.0.5:9000" } });
    const of = (stage: string) =>
      deploymentFaults(settings, stage, "local")
        .filter(({ key }) => key === "tiers")
        .map(({ message }) => message);
    expect(of("dev")).toEqual([]);
    expect(of("production")).toEqual([
      expect.stringMatching(/GLACIER.endpoint is an http URL: .*refused outside dev$/),
    ]);
  });
});

test("who has no passphrase sees the tiers, and asks for no key", () => {
  const read = parseStackSettings({
    tiers: { value: { GLACIER: TIER }, isEncrypted: false },
    tierCredentials: { value: undefined, isEncrypted: true },
  });
  expect([Object.keys(read.settings.tiers), read.faults]).toEqual([["GLACIER"], []]);
});

test("keys that are no JSON are none", () => {
  expect(parseNamedCredentials("{")).toBeUndefined();
  expect(parseNamedCredentials(JSON.stringify(KEYS))).toEqual(KEYS);
});
