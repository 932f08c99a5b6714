import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadModel } from "../../config/spec.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { factsOfModel } from "../../policy/facts/from-model.ts";
import { ruleSettings } from "../../policy/rule-settings.ts";
import { rules } from "../../policy/rules.ts";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { refusals } from "../support/policy-events.ts";
import { ROOT } from "../support/toolchain.ts";

const FIXTURES = join(ROOT, "test", "fixtures", "house-rules");
const texts = Object.fromEntries(
  readdirSync(FIXTURES).map((file) => [file.replace(/\.yaml$/, ""), readFileSync(join(FIXTURES, file), "utf8")]),
);

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make(texts);
});

afterAll(() => checkout.remove());

/** What the spec alone tells, by every rule at the level of production. */
function onTheSpec(): { refusals: string[]; notHere: ReadonlySet<string> } {
  const dir = join(checkout.root, "config", "platforms");
  const loaded = loadModel({ dir, stage: "dev", env: {} });
  const settings = ruleSettings(rules, undefined);
  if (!loaded.ok || !settings.ok) throw new Error("the fixtures have faults");
  const { findings, unjudged } = evaluate(rules, settings.settings, factsOfModel(loaded.model));
  return {
    refusals: findings.map(({ rule, message }) => `${rule}: ${message}`).sort(),
    notHere: new Set(unjudged.map(({ rule }) => rule)),
  };
}

const streamed = (...args: string[]): Promise<Outcome> =>
  checkout.run("env", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true", "pulumi", ...args, "--json");

test("the spec alone, a preview and the exported state are found to break the same rules in the same words", async () => {
  const spec = onTheSpec();
  const expected = Object.values(texts).flatMap((text) => [...text.matchAll(/#! (\S+)$/gm)].map(([, rule]) => rule));
  const broken = spec.refusals.map((line) => line.split(":")[0]).filter((rule) => rule !== "bucket-protection");
  expect(broken.sort()).toEqual(expected.sort());
  expect([...spec.notHere].sort()).toEqual(["identity-root-credential", "server-stale-uploads", "server-tls"]);

  const preview = await streamed("preview", "--policy-pack", "policy");
  expect(preview.code).not.toBe(0);
  const judgedEverywhere = (lines: string[]) => lines.filter((line) => !spec.notHere.has(line.split(":")[0] ?? ""));
  expect(judgedEverywhere(refusals(preview))).toEqual(spec.refusals);

  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  await checkout.must("sh", "-c", "pulumi stack export > .bucketworks/exported.json");
  const state = await streamed("policy", "analyze", "--file", ".bucketworks/exported.json", "--policy-pack", "policy");
  expect(state.code).not.toBe(0);
  expect(judgedEverywhere(refusals(state))).toEqual(spec.refusals);
  expect(refusals(state)).toEqual(refusals(preview));
  expect(refusals(preview)).toContainEqual(
    `server-tls: server ${checkout.server.url} isn't reached over TLS; give the server a certificate and set bucketworks:secure to true`,
  );
});
