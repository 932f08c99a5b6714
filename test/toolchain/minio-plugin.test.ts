import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TestServer } from "../support/minio.ts";
import { ROOT } from "../support/toolchain.ts";
import { project } from "./project.ts";

const MODULE = join(ROOT, "toolchain/go/pulumi-resource-minio");
const PACKAGE = join(ROOT, "node_modules/@pulumi/minio");

interface Schema {
  version: string;
  resources: Record<string, { properties?: object; inputProperties?: object }>;
}

const schema = JSON.parse(readFileSync(join(MODULE, "schema.json"), "utf8")) as Schema;

/** The resources of the published npm package, with the inputs and outputs its code names. */
function published(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(PACKAGE).filter((file) => file.endsWith(".js"))) {
    const text = readFileSync(join(PACKAGE, name), "utf8");
    const token = /__pulumiType = '(minio:index\/[^']+)'/.exec(text)?.[1];
    if (token)
      found.set(
        token,
        [...text.matchAll(/resourceInputs\["(\w+)"\]/g)].map((match) => match[1] ?? ""),
      );
  }
  return found;
}

const PROGRAM = `import * as minio from "@pulumi/minio";
const text = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::*"] }] });
const policy = new minio.IamPolicy("policy", { name: "reader", policy: text });
const user = new minio.IamUser("user", { name: "ingest", forceDestroy: true });
const key = new minio.IamServiceAccount("key", { targetUser: user.name, policy: text });
export const names = [policy.name, user.name, key.targetUser];
`;

describe("the minio plugin", () => {
  it("makes a policy, a user and a key on a real server, sees no change after, and removes them, without a warning", async () => {
    const server = await TestServer.start();
    try {
      const { pulumi, env } = project({ "index.ts": PROGRAM });
      Object.assign(env, { MINIO_ENDPOINT: server.endpoint, MINIO_USER: server.user, MINIO_PASSWORD: server.password });
      const up = pulumi("up", "--yes", "--skip-preview");
      expect(up.stdout).toMatch(/\+ 4 created/);
      expect(up.stdout + up.stderr).not.toMatch(/warning/i);
      expect(pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
      expect(pulumi("refresh", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
      expect(pulumi("destroy", "--yes").stdout).toMatch(/- 4 deleted/);
    } finally {
      await server.stop();
    }
  });

  it("knows all 17 resources of the published package, with every property", () => {
    const resources = published();
    expect(resources.size).toBe(17);
    expect(schema.version).toBe("0.17.1");
    for (const [token, properties] of resources) {
      const own = schema.resources[token];
      expect(Object.keys({ ...own?.properties, ...own?.inputProperties }), token).toEqual(
        expect.arrayContaining(properties),
      );
    }
  });

  it("holds the schema that its sources of today gave: go generate ./... after a change of one", () => {
    const recorded = readFileSync(join(MODULE, "schema.sha256"), "utf8").trim().split("\n");
    expect(recorded.length).toBe(5);
    for (const line of recorded) {
      const [digest, file = ""] = line.split("  ");
      expect(
        createHash("sha256")
          .update(readFileSync(join(MODULE, file)))
          .digest("hex"),
        file,
      ).toBe(digest);
    }
  });
});
