import { request as open } from "node:https";
import { Readable } from "node:stream";

/** By whom a server is known that no public authority vouches for. */
export interface Trust {
  /** PEM. */
  readonly authority: string;
  /** Which host its certificate has to name, where it is reached by another address; absent is the URL's. */
  readonly host?: string;
}

/** Answers that have no body. */
const EMPTY = [204, 205, 304];

/**
 * As `fetch`, which has no setting for an authority. Redirects aren't followed: a login goes to whom it was meant for.
 * @param trust undefined is what `fetch` trusts
 */
export async function trustedFetch(url: string, init: RequestInit, trust: Trust | undefined): Promise<Response> {
  if (trust === undefined) return fetch(url, init);
  const request = new Request(url, init);
  const { method, signal } = request;
  const headers = Object.fromEntries(request.headers);
  const body = Buffer.from(await request.arrayBuffer());
  const { authority: ca, host: servername } = trust;
  return new Promise((resolve, reject) => {
    const sent = open(url, { method, headers, signal, ca, ...(servername !== undefined && { servername }) });
    sent.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    sent.on("response", (answer) => {
      const { statusCode: status = 0, headersDistinct } = answer;
      const told = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      if (EMPTY.includes(status)) answer.resume();
      const content = EMPTY.includes(status) ? null : (Readable.toWeb(answer) as ReadableStream);
      resolve(new Response(content, { status, headers: told }));
    });
    sent.end(body);
  });
}
