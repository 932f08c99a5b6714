import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestCheckout } from "../support/checkout.ts";
import { checkoutOf, importState, OLD_STATES, rebuild } from "../support/old-state.ts";

/**
 * What a later version changes of an older one's state, on purpose; the changelog says so. Everything else is empty:
 * since 0.1.0 roles reach current objects alone, and no key administers itself (ADR 10).
 */
const DOCUMENTS = ["minio:index/iamPolicy:IamPolicy", "minio:index/iamServiceAccount:IamServiceAccount"];
const CHANGED: Readonly<Record<string, readonly string[]>> = { "0.1.0": DOCUMENTS };

/** Type and logical name, without the types of what it belongs to. */
function shortName(urn: string): string {
  return urn.split("::").slice(-2).join(" ").split("$").at(-1) ?? urn;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  readonly diffReasons?: readonly string[];
}

describe.each(readdirSync(OLD_STATES))("the state that version %s left", (version) => {
  let checkout: TestCheckout;
  const changed = CHANGED[version] ?? [];

  beforeAll(async () => {
    checkout = await checkoutOf(version);
    await importState(checkout, version);
    await rebuild(checkout);
  });

  afterAll(() => checkout.remove());

  async function differences(...args: string[]): Promise<string[]> {
    const { steps } = JSON.parse(await checkout.must("pulumi", "preview", "--json", ...args)) as { steps: Step[] };
    return (
      steps
        // what a refresh found another way comes back as an update
        .filter(({ op }) => op !== "same" && op !== "refresh")
        .map(({ op, urn, detailedDiff, diffReasons }) => {
          const what = detailedDiff ? Object.keys(detailedDiff) : (diffReasons ?? []);
          return `${op} ${shortName(urn)}: ${what.join()}`;
        })
        .sort()
    );
  }

  async function documentsOnly(): Promise<string[]> {
    const { deployment } = JSON.parse(await checkout.must("pulumi", "stack", "export"));
    const resources = deployment.resources as { urn: string; type: string }[];
    return resources
      .filter(({ type }) => changed.includes(type))
      .map(({ urn }) => `update ${shortName(urn)}: policy`)
      .sort();
  }

  test("asks for no change by today's code but of documents that mean another thing now", async () => {
    expect(await differences()).toEqual(await documentsOnly());
  });

  test("is what today's code reads back from the server", async () => {
    expect(await differences("--refresh")).toEqual(await documentsOnly());
    await checkout.must("bin/bucketworks", "verify", "--no-identities");
  });

  test("is brought up to date without a new key, and then asks for nothing", async () => {
    const keys = async () => JSON.parse(await checkout.must("pulumi", "stack", "output", "--json", "--show-secrets"));
    const before = (await keys()).credentials;
    await checkout.must("pulumi", "up", "--yes", "--skip-preview");
    expect((await keys()).credentials).toEqual(before);
    await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
    await checkout.must("bin/bucketworks", "verify");
  });

  test("is kept without a secret in plaintext and without a path of a machine", () => {
    const text = readFileSync(join(OLD_STATES, version, "state.json"), "utf8");
    expect(text).not.toMatch(/"plaintext"|password-of-old-states|root-of-old-states/);
    expect(text).not.toMatch(/\/(home|root|tmp|Users|work)\//);
  });
});
