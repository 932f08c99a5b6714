import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf } from "../support/state.ts";

/** What somebody does by hand: the bucket, the mc command, and the property that must show it. */
const CHANGES: readonly (readonly [what: string, bucket: string, command: string[], shown: RegExp])[] = [
  ["a tag changed", "tag-changed", ["tag", "set", "dev/tag-changed", "owner=z"], /owner: "data" => "z"/],
  ["a tag added", "tag-added", ["tag", "set", "dev/tag-added", "owner=data&extra=1"], /\+ extra *: "1"/],
  [
    "lifecycle rule changed",
    "rule-changed",
    ["ilm", "rule", "edit", "--id", "retention", "--expire-days", "5", "dev/rule-changed"],
    /Days: 90 => 5/,
  ],
  [
    "one rule added before the others",
    "rule-added",
    ["ilm", "rule", "add", "--expire-days", "3", "--prefix", "tmp/", "dev/rule-added"],
    /~ lifecycle: \[\n *\+ \[0\]: \{(?:(?!~ \[).)*$/s,
  ],
  ["versioning suspended", "versions-off", ["version", "suspend", "dev/versions-off"], /versioning: true => false/],
  ["encryption off", "encryption-off", ["encrypt", "clear", "dev/encryption-off"], /- encryption: \{/],
  [
    "quota changed",
    "quota-changed",
    ["quota", "set", "dev/quota-changed", "--size", "5GiB"],
    /quota *: 1073741824 => 5368709120/,
  ],
  ["bucket made public", "made-public", ["anonymous", "set", "public", "dev/made-public"], /\+ policy *: \{/],
  ["empty bucket deleted", "was-deleted", ["rb", "dev/was-deleted"], /-.*bucketworks:index:Bucket.*|\(delete\)/],
];

let checkout: TestCheckout;

beforeAll(async () => {
  const buckets = [...CHANGES.map(([, bucket]) => bucket), "rule-replaced"].map(
    (bucket) => `      - {name: ${bucket}, description: d, tags: {owner: data}}`,
  );
  checkout = await TestCheckout.make({ drift: platformFile(buckets.join("\n")) });
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
});

afterAll(() => checkout.remove());

test("each of ten changes by hand is shown by a refresh that writes nothing, and fixed by an update", async () => {
  const declared = await dumpOf(checkout.server);
  for (const [, , command] of CHANGES) await checkout.must("mc", ...command);
  await checkout.must("mc", "ilm", "rule", "rm", "--id", "retention", "dev/rule-replaced");
  await checkout.must("mc", "ilm", "rule", "add", "--expire-days", "3", "dev/rule-replaced");
  const drifted = await dumpOf(checkout.server);

  const shown = sections(await checkout.must("pulumi", "refresh", "--preview-only", "--diff"));
  for (const [what, bucket, , words] of CHANGES) expect(shown.get(bucket), what).toMatch(words);
  expect(shown.size).toBe(CHANGES.length + 1);
  const { code, stdout } = await checkout.run("bin/bucketworks", "drift");
  expect(code).toBe(1);
  expect(stdout).toMatch(/rule-added: lifecycle\.[a-z0-9]+ \(added\)$/m);
  expect(stdout).toMatch(/rule-changed: lifecycle\.retention\.Expiration\.Days \(changed\)$/m);
  expect(stdout).toMatch(/rule-replaced: lifecycle\.[a-z0-9]+ \(added\), lifecycle\.retention \(removed\)$/m);
  expect(await dumpOf(checkout.server)).toEqual(drifted);

  await checkout.must("pulumi", "up", "--refresh", "--yes", "--skip-preview");
  expect(await dumpOf(checkout.server)).toEqual(declared);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

/** The part of a diff that is about each bucket, by its name. */
function sections(diff: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of diff.split(/\n(?= *[-+~] *bucketworks:index:Bucket:)/).slice(1)) {
    const name = /::([a-z-]+)\]/.exec(part)?.[1] ?? "";
    found.set(name, part);
  }
  return found;
}
