import { describe, expect, test } from "vitest";
import { needsOf } from "../../builders/needs.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { type Abilities, keyNames, lacking, type Needs } from "../../provider/needs.ts";
import { keyStateFrom } from "../../provider/server/abilities.ts";
import { aBucket } from "../support/a-bucket.ts";

const NOTHING: Needs = { defaultKey: [], keys: {}, versions: [], quotas: [], targets: {}, identities: false };
const ABLE: Abilities = { keys: { "": "yes", k: "yes" }, admin: true, versions: true, targets: ["lake:webhook"] };
const tells = (target: string) => ({ target, events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" });
const NONE = { policies: [], groups: [], users: [], serviceAccounts: [] };

function model(...buckets: Parameters<typeof aBucket>[0][]): ResolvedModel {
  const platform = { name: "p", access: NONE, buckets: buckets.map(aBucket) };
  return { schemaVersion: 1, stage: "dev", connection: null, platforms: [platform] } as unknown as ResolvedModel;
}

describe("what a model needs of the server", () => {
  test("is said by the buckets that ask for it", () => {
    const needs = needsOf(
      model(
        { name: "plain", encryption: { type: "none" }, versioning: false, quotaBytes: null },
        { name: "own", encryption: { type: "sse-s3" }, versioning: false, quotaBytes: 1 },
        { name: "named", encryption: { type: "sse-kms", key: "k" }, versioning: true, quotaBytes: null },
        { name: "locked", encryption: { type: "sse-kms", key: "k" }, versioning: true, quotaBytes: null },
        { name: "telling", notifications: [tells("lake:webhook"), tells("lake:webhook"), tells("new:webhook")] },
      ),
      ["new:webhook"],
    );
    expect(needs).toEqual({
      defaultKey: ["own"],
      keys: { k: ["named", "locked"] },
      versions: ["named", "locked"],
      quotas: ["own"],
      // the server is given the other one by the same update
      targets: { "lake:webhook": ["telling"] },
      identities: false,
    });
    expect(keyNames(needs)).toEqual(["", "k"]);
  });

  test("is nothing where nothing is asked for, and no key is asked about", () => {
    const bare = model({ name: "a", encryption: { type: "none" }, versioning: false, quotaBytes: null });
    expect(needsOf(bare)).toEqual(NOTHING);
    expect(keyNames(NOTHING)).toEqual([]);
  });
});

test.each([
  [{}, "yes"],
  [{ "encryption-error": "key with given key ID does not exist" }, "no such key"],
  [{ "encryption-error": "key does not exist" }, "no such key"],
  [{ "encryption-error": "kms:KeyNotFound" }, "no such key"],
  [{ "encryption-error": "dial tcp 10.0.0.7:7373: connection refused" }, { fault: expect.stringMatching(/refused/) }],
  [{ "encryption-error": "insufficient permissions to perform KMS operation" }, { fault: expect.anything() }],
  [{ "decryption-error": "failed to decrypt ciphertext" }, { fault: "failed to decrypt ciphertext" }],
])("the answer %j about a key is told from a key that isn't there", (answer, state) => {
  expect(keyStateFrom(answer)).toEqual(state);
});

describe("what a server lacks is one clause with buckets and remedy:", () => {
  const needs: Needs = {
    defaultKey: ["b", "a"],
    keys: { k: ["c"] },
    versions: ["v"],
    quotas: ["q"],
    targets: { "lake:webhook": ["n"] },
    identities: true,
  };
  test.each<[string, Partial<Abilities>, RegExp]>([
    [
      "a KMS",
      { keys: { "": "no KMS", k: "no KMS" } },
      /^has no KMS, and buckets a, b, c ask for encryption: .*MINIO_KMS_SECRET_KEY/,
    ],
    [
      "one key of it",
      { keys: { "": "yes", k: "no such key" } },
      /^has no key k in its KMS, and bucket c asks for it: make/,
    ],
    [
      "its default key",
      { keys: { "": "no such key", k: "yes" } },
      /^can't encrypt with its default key, and buckets a, b/,
    ],
    [
      "a KMS that answers",
      { keys: { "": "yes", k: { fault: "kms: connection refused" } } },
      /^can't encrypt with key k, and bucket c asks for it: its KMS says "kms: connection refused"; fix that$/,
    ],
    [
      "a KMS that lets it use its default key",
      { keys: { "": { fault: "insufficient permissions" }, k: "yes" } },
      /^can't encrypt with its default key, and buckets a, b ask for it: its KMS says "insufficient permissions"/,
    ],
    [
      "the admin API",
      { admin: false },
      /^has no admin API, and bucket q asks for a quota and identities are declared: .*\/minio\/admin/,
    ],
    [
      "drives that keep versions",
      { versions: false },
      /^keeps its data as plain files, and bucket v asks for versioning/,
    ],
    [
      "a target for notifications",
      { targets: ["lake:postgresql", "spy:webhook"] },
      /^has no target lake:webhook for notifications \(it has lake:postgresql, spy:webhook\), and bucket n asks for it: /,
    ],
    ["any target", { targets: [] }, /^has no target lake:webhook for notifications \(it has none\), and bucket n asks/],
  ])("%s", (_, change, words) => {
    expect(lacking(needs, { ...ABLE, ...change })).toEqual([expect.stringMatching(words)]);
  });

  test("nothing, where it can everything or tells nothing", () => {
    expect(lacking(needs, ABLE)).toEqual([]);
    expect(
      lacking(needs, { keys: { "": undefined }, admin: undefined, versions: undefined, targets: undefined }),
    ).toEqual([]);
  });

  test("of many buckets the first are named", () => {
    const many = { ...NOTHING, defaultKey: ["f", "e", "d", "c", "b", "a"] };
    expect(lacking(many, { ...ABLE, keys: { "": "no KMS" } })[0]).toContain("buckets a, b, c, d, e and 1 more ask");
  });
});
