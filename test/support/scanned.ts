import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { PolicyDocument } from "../../provider/settings.ts";
import type { Mc } from "./mc.ts";
import type { TestServer } from "./minio.ts";

/** Makes the model's policies, groups, users and service accounts as `pulumi up` would, each user with this secret. */
export async function makeIdentities(model: ResolvedModel, mc: Mc, secret: string): Promise<void> {
  for (const { access } of model.platforms) {
    for (const { name, grants } of access.policies) await makePolicy(mc, name, accessPolicy(grants));
    for (const { name, policies, groups } of access.users) {
      await mc.run("admin", "user", "add", "t", name, secret);
      if (policies.length > 0) await mc.run("admin", "policy", "attach", "t", ...policies, "--user", name);
      for (const group of groups) await mc.run("admin", "group", "add", "t", group, name);
    }
    for (const { name, policies } of access.groups) {
      if (policies.length > 0) await mc.run("admin", "policy", "attach", "t", ...policies, "--group", name);
    }
    for (const { name, user, policies } of access.serviceAccounts) {
      const grants = access.policies.filter((each) => policies.includes(each.name)).flatMap((each) => each.grants);
      await withFile(accessPolicy(grants), (file) =>
        mc.run(
          "admin",
          "accesskey",
          "create",
          "t",
          user,
          "--access-key",
          name,
          "--secret-key",
          secret,
          "--policy",
          file,
        ),
      );
    }
  }
}

/** Makes or replaces a policy. */
export async function makePolicy(mc: Mc, name: string, document: PolicyDocument): Promise<void> {
  await withFile(document, (file) => mc.run("admin", "policy", "create", "t", name, file));
}

/** Makes many users in one call. */
export async function makeUsers(mc: Mc, names: readonly string[], secret: string): Promise<void> {
  const users = Object.fromEntries(names.map((name) => [name, { secretKey: secret, status: "enabled" }]));
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-users-"));
  const file = join(folder, "users.zip");
  writeFileSync(file, zipSync({ "iam-assets/users.json": strToU8(JSON.stringify(users)) }));
  await mc.run("admin", "cluster", "iam", "import", "t", file);
  rmSync(folder, { recursive: true });
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
