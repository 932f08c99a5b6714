import { expect, test } from "vitest";
import { declaredRemotes } from "../../../config/rules/remotes.ts";
import { deploymentFaults } from "../../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseStackSettings } from "../../../config/stack/parse-settings.ts";
import { faultsOf } from "../../support/spec.ts";

const STANDBY = { endpoint: "https://standby.example:9000" };
const CANARY = "canary-of-a-secret";
const KEYS = { standby: { accessKey: "replicator", secretKey: CANARY } };

const parse = (remotes: object, keys: unknown = KEYS, isEncrypted = true) =>
  parseStackSettings({
    remotes: { value: remotes, isEncrypted: false },
    remoteCredentials: { value: keys === null ? undefined : JSON.stringify(keys), isEncrypted },
  });
const faults = (...args: Parameters<typeof parse>): string[] =>
  parse(...args).faults.map((fault) => formatSettingFault(fault, "prod"));

test("a remote is an endpoint with its key, and a region where it has one", () => {
  expect(faults({ standby: { ...STANDBY, region: "eu-west-1" } })).toEqual([]);
  expect(parse({}, null).settings.remotes).toEqual({});
});

test.each([
  ["a name with a slash", { "a/b": STANDBY }, KEYS, true, /is no name of a remote/],
  [
    "a URL with a path",
    { standby: { endpoint: "https://s.example/x" } },
    KEYS,
    true,
    /remotes.standby.endpoint must be the URL of the other server/,
  ],
  [
    "a key in plain sight",
    { standby: { ...STANDBY, secretKey: "x" } },
    KEYS,
    true,
    /secretKey is an unknown key, allowed are endpoint, region/,
  ],
  [
    "no key",
    { standby: STANDBY },
    null,
    false,
    /remote standby has no key in bucketworks:remoteCredentials; .*--secret/,
  ],
  [
    "a key of nobody",
    {},
    KEYS,
    true,
    /remoteCredentials.standby is a key of no remote in bucketworks:remotes, there is none/,
  ],
  [
    "keys in plaintext",
    { standby: STANDBY },
    KEYS,
    false,
    /remoteCredentials must be encrypted: it holds keys to other servers/,
  ],
  ["keys of another form", { standby: STANDBY }, { standby: CANARY }, true, /must be a map of names of remotes/],
])("%s is refused with the command that helps, and shows no key", (_what, remotes, keys, isEncrypted, words) => {
  const found = faults(remotes, keys, isEncrypted);
  expect(found).toContainEqual(expect.stringMatching(words));
  expect(found.join("\n")).not.toContain(CANARY);
});

test("an http URL is refused outside dev: keys and objects would travel in plaintext", () => {
  const { settings } = parse({ standby: { endpoint: "http://standby.example:9000" } });
  const plain = (stage: string) => deploymentFaults(settings, stage, "local").filter(({ key }) => key === "remotes");
  expect(plain("dev")).toEqual([]);
  expect(plain("production").map(({ message }) => message)).toEqual([
    expect.stringMatching(/^bucketworks:remotes.standby.endpoint is an http URL/),
  ]);
});

const REMOTES = { standby: STANDBY, again: STANDBY, own: { endpoint: "http://127.0.0.1:9000" } };

/** Faults of a bucket that is copied by these rules, in a stack that knows REMOTES. */
function judged(rules: string, stage = "dev"): string[] {
  const text = `bucket_groups: {g: {versioning: true, buckets: [{name: orders}]}}
environments:
  dev: {bucket_groups: {g: {buckets: [{name: orders, replication: [${rules}]}]}}}
`;
  const rule = declaredRemotes(stage, REMOTES, "127.0.0.1:9000");
  return faultsOf(text, { stage, rules: [rule] });
}

test("where the stack is known a rule leads to a remote of its own, to each server once, and never to itself", () => {
  expect(judged("{to: standby}")).toEqual([]);
  expect(judged("{to: own, bucket: copy}")).toEqual([]);
  expect(judged("{to: standbi}")).toEqual([
    expect.stringMatching(
      /dangling-reference .*replication\[0\].to: this stack has no remote "standbi" .*there are standby, again, own .*; did you mean standby\?/,
    ),
  ]);
  expect(judged("{to: standby}, {to: again, priority: 2}")).toEqual([
    expect.stringMatching(/second-target .*"again" leads to the server of "standby", standby.example:9000/),
  ]);
  expect(judged("{to: own}")).toEqual([
    expect.stringMatching(/replication-to-itself .*"own" is the server of this stack/),
  ]);
});

test("another stage's overlay may name a remote that this stack doesn't have", () => {
  expect(judged("{to: of-another-stack}", "production")).toEqual([]);
});
