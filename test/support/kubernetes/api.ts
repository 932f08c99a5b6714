import { get } from "node:https";

/** How the API server is reached from the host. */
export interface Access {
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  readonly token: string;
}

/** Reads a path of the API; undefined while nobody answers, or not with 200. */
export function readApi(access: Access, path: string): Promise<string | undefined> {
  const { port, authority, token } = access;
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, ca: authority, headers, timeout: 5_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", () => resolve(undefined));
      answer.on("end", () => resolve(answer.statusCode === 200 ? Buffer.concat(chunks).toString("utf8") : undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

/** The part of a node's or deployment's answer that says whether it is up. */
interface Conditioned {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Whether the object at a path has a condition that is true. */
export async function hasCondition(access: Access, path: string, type: string): Promise<boolean> {
  const answer = await readApi(access, path);
  const object = answer === undefined ? {} : (JSON.parse(answer) as Conditioned);
  return object.status?.conditions?.some((found) => found.type === type && found.status === "True") ?? false;
}
