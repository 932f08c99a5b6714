import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { knownResources } from "../../components/identity/known-resources.ts";
import { backendUrl } from "../../config/stack/backend.ts";

const NAME = { project: "bucketworks", stack: "dev" };
const KNOWN = [{ type: "minio:index/iamUser:IamUser", urn: "urn:pulumi:dev::bucketworks::minio::shop/ada" }];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-known-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each(["plain", "a#b%20c", "what?", "50% off", "ü ñ", "a&b='c'$d"])(
  "what a state knows is found in a checkout that lies in %s",
  (name) => {
    const state = join(root, name, ".bucketworks", "state");
    const stacks = join(state, ".pulumi", "stacks", NAME.project);
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(stacks, "dev.json"), JSON.stringify({ checkpoint: { latest: { resources: KNOWN } } }));
    expect(knownResources({ PULUMI_BACKEND_URL: backendUrl(state) }, NAME)).toEqual(KNOWN);
  },
);

test.each([undefined, "", "s3://states", "https://api.pulumi.com", "file:///no/such/folder"])(
  "of the backend %s nothing is known beforehand",
  (url) => {
    expect(knownResources({ ...(url !== undefined && { PULUMI_BACKEND_URL: url }) }, NAME)).toEqual([]);
  },
);
