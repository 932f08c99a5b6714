import { describe, expect, test } from "vitest";
import { type StackServer, serverSource, stackServerFaults } from "../../../config/stack/server-choice.ts";

describe("the server of a stack", () => {
  test.each([
    ["dev", { stack: false, local: true }, "local"],
    ["dev", { stack: true, local: true }, "stack"],
    ["dev", { stack: false, local: false }, "spec"],
    ["production", { stack: false, local: true }, "stack"],
    ["production", { stack: false, local: false }, "stack"],
    ["staging", { stack: false, local: true }, "stack"],
  ] as const)("of stage %s with %j is said by: %s", (stage, has, source) => {
    expect(serverSource(stage, has)).toBe(source);
  });
});

const RIGHT: StackServer = {
  endpoint: "minio.example.com:9000",
  secure: true,
  rootUser: "deployer",
  rootPassword: "not-a-default-1",
  userIsEncrypted: true,
  passwordIsEncrypted: true,
};
const faults = (change: Partial<StackServer>, stage = "production"): string[] =>
  stackServerFaults("east", stage, { ...RIGHT, ...change });

describe("a stack that names its server", () => {
  test("with TLS, a user and an encrypted password is right", () => expect(faults({})).toEqual([]));

  test.each<[string, Partial<StackServer>, RegExp]>([
    [
      "an endpoint",
      { endpoint: undefined },
      /names no MinIO endpoint; stage production never uses the local server or minio_config; set it: pulumi config set --stack east bucketworks:endpoint HOST:PORT$/,
    ],
    ["a plain endpoint", { endpoint: "https://m:9000" }, /must be host:port, without scheme, path or user/],
    ["a user", { rootUser: undefined }, /names nobody to deploy as; .* --secret bucketworks:rootUser$/],
    ["a password", { rootPassword: undefined }, /no password .* --secret bucketworks:rootPassword$/],
    [
      "an encrypted password",
      { passwordIsEncrypted: false },
      /written in plaintext; .* --secret bucketworks:rootPassword$/,
    ],
    [
      "an encrypted user",
      { userIsEncrypted: false },
      /rootUser of stack east is written in plaintext: .*docs\/servers\.md.* --secret bucketworks:rootUser - and /,
    ],
    ["TLS", { secure: false }, /travel in plaintext, refused outside dev; .* bucketworks:secure true$/],
    ["a user of its own", { rootUser: "minioadmin" }, /a default everybody knows, refused outside dev/],
    ["a password of its own", { rootPassword: "minioadmin123" }, /a default everybody knows, refused outside dev/],
  ])("needs %s, and is told so in one sentence that has the command", (_, change, words) => {
    expect(faults(change)).toEqual([expect.stringMatching(words)]);
    expect(faults(change)[0]).toMatch(/pulumi config set --stack east /);
  });

  test("is told all its faults at once, and no password", () => {
    const all = faults({ endpoint: undefined, secure: false, rootUser: undefined, rootPassword: "changeme" });
    expect(all).toHaveLength(4);
    expect(all.join()).not.toContain("changeme");
  });

  test("keeps the user secret in stage dev, too, and isn't told its name", () => {
    const [fault, ...others] = faults({ userIsEncrypted: false, rootUser: "root-name" }, "dev");
    expect([fault, others]).toEqual([expect.stringMatching(/written in plaintext/), []]);
    expect(fault).not.toContain("root-name");
  });

  test("may do without TLS and with default credentials in stage dev", () => {
    expect(faults({ secure: false, rootUser: "minioadmin", rootPassword: "minioadmin" }, "dev")).toEqual([]);
    expect(faults({ endpoint: undefined }, "dev")).toEqual([expect.stringMatching(/names no MinIO endpoint; set it/)]);
  });
});
