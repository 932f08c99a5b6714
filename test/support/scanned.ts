import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import type { Mc } from "./mc.ts";
import type { TestServer } from "./minio.ts";

/** Makes the model's policies, groups, users and service accounts as `pulumi up` would, each user with this secret. */
export function makeIdentities(model: ResolvedModel, mc: Mc, secretKey: string): Promise<void> {
  const of = model.platforms.map(({ access }) => access);
  const [policies, users] = [of.flatMap((each) => each.policies), of.flatMap((each) => each.users)];
  const documents = new Map(policies.map(({ name, grants }) => [name, grants]));
  const mapped = (all: readonly { name: string; policies: readonly string[] }[]) =>
    named(
      all
        .filter((each) => each.policies.length > 0)
        .map((each) => [each.name, { version: 1, policy: each.policies.join(",") }]),
    );
  return importIdentities(mc, {
    policies: named(policies.map(({ name, grants }) => [name, accessPolicy(grants)])),
    users: named(users.map(({ name }) => [name, { secretKey, status: "enabled" }])),
    groups: named(
      of
        .flatMap(({ groups }) => groups)
        .map(({ name }) => [
          name,
          {
            version: 1,
            status: "enabled",
            members: users.filter(({ groups }) => groups.includes(name)).map((user) => user.name),
          },
        ]),
    ),
    svcaccts: named(
      of
        .flatMap(({ serviceAccounts }) => serviceAccounts)
        .map((each) => [
          each.name,
          {
            parent: each.user,
            accessKey: each.name,
            secretKey,
            claims: {},
            sessionPolicy: accessPolicy(each.policies.flatMap((name) => documents.get(name) ?? [])),
            status: "on",
          },
        ]),
    ),
    user_mappings: mapped(users),
    group_mappings: mapped(of.flatMap(({ groups }) => groups)),
  });
}

/** Makes many users in one call. */
export function makeUsers(mc: Mc, names: readonly string[], secretKey: string): Promise<void> {
  return importIdentities(mc, { users: named(names.map((name) => [name, { secretKey, status: "enabled" }])) });
}

/** One call for all: each of `mc admin`'s own costs server and client half a second of key derivation. */
async function importIdentities(mc: Mc, parts: Readonly<Record<string, object>>): Promise<void> {
  const files = Object.entries(parts).map(([name, part]) => [`iam-assets/${name}.json`, strToU8(JSON.stringify(part))]);
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-identities-"));
  const file = join(folder, "identities.zip");
  writeFileSync(file, zipSync(Object.fromEntries(files)));
  await mc.run("admin", "cluster", "iam", "import", "t", file);
  rmSync(folder, { recursive: true });
}

const named = (entries: readonly (readonly [string, object])[]): Record<string, object> => Object.fromEntries(entries);

/** Makes or replaces a policy. */
export async function makePolicy(mc: Mc, name: string, document: PolicyDocument): Promise<void> {
  await withFile(document, (file) => mc.run("admin", "policy", "create", "t", name, file));
}

/** The document in a file of its own. */
export async function withFile<T>(document: object, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-document-"));
  const file = join(folder, "document.json");
  writeFileSync(file, JSON.stringify(document));
  try {
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Stands in front of a server and passes requests on, but for those that a test takes over. */
export class FrontServer {
  readonly endpoint: string;
  /** Answers the request itself, or returns false to pass it on. */
  takeOver: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly #close: () => void;

  private constructor(endpoint: string, close: () => void) {
    this.endpoint = endpoint;
    this.#close = close;
  }

  static async start(server: TestServer): Promise<FrontServer> {
    const listener = createServer((request, response) => {
      if (front.takeOver(request, response)) return;
      const { method, url: path, headers } = request;
      const [host, port] = server.endpoint.split(":");
      const passed = httpRequest({ host, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      });
      passed.once("error", () => response.destroy());
      request.pipe(passed);
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const close = (): void => {
      listener.closeAllConnections();
      listener.close();
    };
    const front = new FrontServer(`127.0.0.1:${(listener.address() as AddressInfo).port}`, close);
    return front;
  }

  close(): void {
    this.#close();
  }
}
