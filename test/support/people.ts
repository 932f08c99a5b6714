import { S3 } from "@aws-sdk/client-s3";
import { type Outcome, TestCheckout } from "./checkout.ts";
import { TestServer } from "./minio.ts";
import { platformFile } from "./specs.ts";

/** The region of the server: not the one that clients take by default. */
export const REGION = "eu-west-1";

const BUCKETS = `      - {name: raw-data, description: d}
      - {name: clean-data, description: d}`;
/** Users, a group and a service account of the platform `people`. */
export const ACCESS = `access:
  policies:
    cleaner:
      grants:
        - {role: read, bucket: raw-data, prefixes: [in/]}
        - {role: write, bucket: clean-data}
    reader:
      grants: [{role: read, bucket: clean-data}]
  groups:
    analysts: {policies: [reader]}
  users:
    ada: {groups: [analysts]}
    cleaning: {policies: [cleaner]}
  service_accounts:
    cleaning-job: {user: cleaning, policies: [cleaner]}
`;
export const UPDATE = ["up", "--yes", "--skip-preview"];

/** A platform file with two buckets and these identities. */
export function peopleSpec(access = ACCESS): string {
  return platformFile(BUCKETS) + access;
}

export interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of a session alone. */
  readonly sessionToken?: string;
}

/** A checkout with the platform `people`, deployed on a server of another region than clients expect. */
export class People {
  readonly checkout: TestCheckout;
  /** The first update, before the stack names the server's region. */
  readonly asked: Outcome;

  private constructor(checkout: TestCheckout, asked: Outcome) {
    this.checkout = checkout;
    this.asked = asked;
  }

  static async deploy(): Promise<People> {
    const server = await TestServer.start({ MINIO_SITE_REGION: REGION });
    const checkout = await TestCheckout.make({ people: peopleSpec() }, server);
    const asked = await checkout.run("pulumi", ...UPDATE);
    await checkout.must("pulumi", "config", "set", "bucketworks:region", REGION);
    await checkout.must("pulumi", ...UPDATE);
    return new People(checkout, asked);
  }

  /** Keys by identity, from the stack's outputs. */
  async keys(): Promise<Record<string, Key>> {
    const args = ["stack", "output", "credentials", "--json", "--show-secrets"];
    return JSON.parse(await this.checkout.must("pulumi", ...args));
  }

  /** What the server says to each try: `ok` or the code of the refusal. */
  async tries(key: Key | undefined, ...calls: ((s3: S3) => Promise<unknown>)[]): Promise<string[]> {
    if (key === undefined) throw new Error("a key is missing");
    const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken } = key;
    const client = new S3({
      endpoint: this.checkout.server.url,
      region: REGION,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    });
    const answers: string[] = [];
    for (const call of calls) {
      answers.push(
        await call(client).then(
          () => "ok",
          (error: Error) => error.name,
        ),
      );
    }
    client.destroy();
    return answers;
  }

  remove(): Promise<void> {
    return this.checkout.remove();
  }
}
