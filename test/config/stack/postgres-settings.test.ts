import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { postgresSettings } from "../../../config/stack/postgres-settings.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const dev = { stage: "dev", onKubernetes: true, isLocal: false };

function settings(config: Record<string, string>, place = dev, secrets = '["bucketworks:databaseKey"]') {
  pulumi.runtime.setAllConfig(config);
  return postgresSettings(new pulumi.Config("bucketworks"), { PULUMI_CONFIG_SECRET_KEYS: secrets }, place);
}

const asked = { "bucketworks:postgres": '{"kind":"statefulset"}', "bucketworks:databaseKey": KEY };

test("a stack that asks for none has none, one that asks for it has it with every default", () => {
  expect(settings({ "bucketworks:postgres": "{}" })).toBeUndefined();
  expect(settings(asked)).toMatchObject({ kind: "deployed", server: { name: "mlops-postgresql", namespace: "mlops" } });
});

test.each([
  ["no key", { ...asked, "bucketworks:databaseKey": "" }, dev, "has no key for the passwords of its databases; set it"],
  ["a weak key", { ...asked, "bucketworks:databaseKey": "c2hvcnQ=" }, dev, "must be base64 of 32 random bytes or more"],
  ["a server that nobody deploys", asked, { ...dev, onKubernetes: false }, "its target is external; remove it, or"],
  [
    "data in plaintext outside dev",
    asked,
    { ...dev, stage: "production" },
    "refused outside dev; give the server a certificate",
  ],
  [
    "a misspelt kind",
    { ...asked, "bucketworks:postgres": '{"kind":"pod"}' },
    dev,
    "must be statefulset or cloudnative-pg",
  ],
] as const)("%s is refused, with what to do", (_, config, place, words) => {
  expect(() => settings(config, place)).toThrow(words);
});

test("a key that stands in plaintext in the stack's file is refused, and not shown", () => {
  const run = () => settings(asked, dev, "[]");
  expect(run).toThrow("bucketworks:databaseKey stands in plaintext in the stack's file");
  expect(run).not.toThrow(KEY);
});

test("a server's name leaves room for those of its Jobs", () => {
  const named = (name: string) => () =>
    settings({ ...asked, "bucketworks:postgres": JSON.stringify({ kind: "statefulset", name }) });
  expect(named("a".repeat(33))).not.toThrow();
  expect(named("a".repeat(34))).toThrow(
    /^bucketworks:postgres\.name must be a name of Kubernetes: .*, 33 at most, got "a+" of 34; pulumi config set /,
  );
});
