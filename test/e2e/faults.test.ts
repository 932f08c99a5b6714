import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf, rootClient, type StateResource, stateOf } from "../support/state.ts";

const BUCKETS = `      - {name: first, description: d, tags: {owner: data}}
      - {name: second, description: d}
      - {name: holds-data, description: d}`;
const RIGHT = platformFile(BUCKETS);
const CHANGED = platformFile(BUCKETS.replace("owner: data", "owner: other"));

let checkout: TestCheckout;
/** The state and the server as the last command left them. */
let known: { readonly state: StateResource[]; readonly server: Record<string, unknown> };

interface Fault {
  readonly name: string;
  /** Brings the fault about; the answer takes it away again. */
  readonly begin: () => Promise<() => Promise<void> | void>;
  /** Arguments of pulumi. */
  readonly commands: readonly string[][];
  readonly words: RegExp;
}

const PREVIEW = ["preview"];
const UP = ["up", "--yes", "--skip-preview"];
const REFRESH = ["refresh", "--yes", "--skip-preview"];
const REFRESH_RUN = [...REFRESH, "--run-program"];
const DESTROY = ["destroy", "--yes", "--skip-preview"];

function spec(text: string, words: RegExp, name: string, commands = [UP]): Fault {
  const begin = async () => {
    checkout.writePlatforms({ faults: text });
    return () => checkout.writePlatforms({ faults: RIGHT });
  };
  return { name, begin, commands, words };
}

/** Here the program ends well and sets the stack's outputs; the deletion that fails comes after it. */
const TAKEN_OUT = "a bucket with data is taken out of the spec under delete_if_empty";

const FAULTS: readonly Fault[] = [
  {
    name: "the server is down",
    begin: async () => {
      checkout.writePlatforms({ faults: CHANGED });
      await checkout.server.pause("SIGKILL");
      return async () => {
        await checkout.server.resume();
        checkout.writePlatforms({ faults: RIGHT });
      };
    },
    commands: [PREVIEW, UP, REFRESH, REFRESH_RUN, DESTROY],
    words: /can't reach MinIO at http:\/\/127\.0\.0\.1:\d+: connection refused/,
  },
  {
    name: "the server takes connections and answers nothing",
    begin: async () => {
      checkout.server.freeze();
      return () => checkout.server.thaw();
    },
    commands: [PREVIEW, REFRESH],
    words: /can't reach MinIO at .*: no answer in time/,
  },
  {
    name: "the credentials are wrong",
    begin: async () => {
      checkout.writePlatforms({ faults: CHANGED });
      checkout.writeCredentials(checkout.server.user, "not-the-password");
      return () => {
        checkout.writeCredentials(checkout.server.user, checkout.server.password);
        checkout.writePlatforms({ faults: RIGHT });
      };
    },
    commands: [PREVIEW, UP, REFRESH_RUN],
    words: /refuses the credentials \(SignatureDoesNotMatch\)/,
  },
  {
    name: "the credential files are gone",
    begin: async () => {
      rmSync(join(checkout.root, ".bucketworks", "minio", "root-password"));
      return () => checkout.writeCredentials(checkout.server.user, checkout.server.password);
    },
    commands: [UP],
    words: /root-password: isn't there/,
  },
  spec(RIGHT.replace("versioning: true", "versioning: perhaps"), /faults\.yaml:7:17 /, "the spec has a wrong value", [
    PREVIEW,
    UP,
  ]),
  spec(`${RIGHT}\nbuckets: []\n`, /faults\.yaml:\d+:1 unknown-key/, "the spec has an unknown key"),
  spec("a: [", /faults\.yaml:\d+:\d+ /, "the spec isn't YAML"),
  spec(platformFile(`${BUCKETS}\n      - {name: first, description: again}`), /first/, "a bucket is declared twice"),
  spec(
    platformFile(
      BUCKETS.replace(
        "name: second, description: d",
        "name: second, description: d, object_lock: {mode: governance, days: 3}",
      ),
    ),
    /object lock must be set when a bucket is created/,
    "object lock is asked for on a bucket that has none",
  ),
  spec(
    platformFile(BUCKETS.split("\n").slice(0, 2).join("\n")),
    /bucket holds-data isn't empty: 1 object versions/,
    TAKEN_OUT,
  ),
  spec(
    platformFile(`${BUCKETS}\n      - {name: somebody-elses, description: d}`),
    /somebody-elses exists already .* adopt: true/,
    "a bucket of that name exists and isn't ours",
  ),
  spec(
    platformFile(BUCKETS.replace("tags: ", "encryption: 'sse-kms:no-such-key', tags: ")),
    /has no key no-such-key in its KMS, and bucket first /,
    "the server lacks a key that a bucket needs",
    [PREVIEW, UP],
  ),
  {
    name: "another update holds the stack",
    begin: async () => {
      const locks = join(checkout.root, ".bucketworks/state/.pulumi/locks/organization/bucketworks/dev");
      const lock = join(locks, "held.json");
      mkdirSync(locks, { recursive: true });
      writeFileSync(lock, JSON.stringify({ pid: 1, username: "x", hostname: "other", timestamp: new Date() }));
      return () => rmSync(lock);
    },
    commands: [UP, DESTROY],
    words: /currently locked by 1 lock/,
  },
];

beforeAll(async () => {
  checkout = await TestCheckout.make({ faults: RIGHT });
  await checkout.must("pulumi", ...UP);
  await checkout.must("mc", "mb", "dev/somebody-elses");
  const client = rootClient(checkout.server);
  await client.send(new PutObjectCommand({ Bucket: "holds-data", Key: "precious", Body: "data" }));
  await client.send(new PutObjectCommand({ Bucket: "somebody-elses", Key: "theirs", Body: "data" }));
  client.destroy();
  known = { state: await stateOf(checkout), server: await dumpOf(checkout.server) };
});

afterAll(() => checkout.remove());

/** The model that a platform's component keeps is what was asked for; `bucketworks history` leaves out updates that failed. */
function withoutModel({ outputs: { kept: _, ...outputs } = {}, ...resource }: StateResource): StateResource {
  return { ...resource, outputs };
}

describe.each(FAULTS)("when $name", ({ name, begin, commands, words }) => {
  test.each(commands.map((args) => [args.join(" "), args] as const))(
    "pulumi %s fails in few words and changes neither state nor server",
    async (_, args) => {
      const end = await begin();
      let outcome: Outcome;
      try {
        outcome = await checkout.run("pulumi", ...args);
      } finally {
        await end();
      }
      expect(outcome.code).not.toBe(0);
      expect(outcome.stdout + outcome.stderr).toMatch(words);
      expect(outcome.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
      expect(new Set(messagesIn(outcome)).size).toBeLessThanOrEqual(10);
      expect(outcome.stdout + outcome.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
      expect(outcome.stdout + outcome.stderr).not.toContain(checkout.server.password);
      const before = known;
      known = { state: await stateOf(checkout), server: await dumpOf(checkout.server) };
      expect(known.server).toEqual(before.server);
      const isCompared = ({ type }: StateResource) => name !== TAKEN_OUT || type !== "pulumi:pulumi:Stack";
      const compared = (state: readonly StateResource[]) => state.filter(isCompared).map(withoutModel);
      expect(compared(known.state)).toEqual(compared(before.state));
    },
  );
});

test("after all of it the stack is as it was", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("an update that loses the server half-way is finished by the next one", async () => {
  const more = Array.from({ length: 40 }, (_, index) => `      - {name: more-${index}, description: d}`).join("\n");
  checkout.writePlatforms({ faults: platformFile(`${BUCKETS}\n${more}`) });
  const update = checkout.start("pulumi", ...UP);
  const s3 = rootClient(checkout.server);
  const isBegun = async (): Promise<boolean> =>
    (await s3.listBuckets()).Buckets?.some(({ Name }) => Name?.startsWith("more-")) ?? false;
  while (!(await isBegun())) await new Promise((resolve) => setTimeout(resolve, 10));
  await checkout.server.pause("SIGKILL");
  s3.destroy();
  const { code, stdout } = await update.outcome;
  await checkout.server.resume();
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/can't reach MinIO/);
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

function messagesIn({ stdout, stderr }: Outcome): string[] {
  return `${stdout}\n${stderr}`.split("\n").flatMap((line) => /\berror: (.*)/.exec(line)?.[1] ?? []);
}
