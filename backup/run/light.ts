import { NETWORK_WORDS } from "../../config/values/network-words.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { remember } from "../../provider/server/rights.ts";
import { type Answer, type Call, CallError, signedRequest } from "../../provider/server/signed.ts";

const ATTEMPTS = 3;

/**
 * One request of many: a backup makes two of each new version, and the SDK's own commands take three times the processor time.
 * What may be repeated alone: it is tried again where the connection breaks.
 * @param operation as S3 calls it, for messages
 * @throws CallError where the answer isn't 2xx, named by the server's code
 */
export async function lightRequest(server: Connection, operation: string, call: Call): Promise<Answer> {
  const answer = await answerOf(server, operation, call);
  // A copy that fails after its answer began says so in the body.
  const isFault = answer.status >= 300 || (answer.bytes.length > 0 && /^\s*(<\?[^>]*>\s*)?<Error>/.test(answer.text));
  if (isFault) throw remember(faultOf(answer), operation, server.url);
  return answer;
}

async function answerOf(server: Connection, operation: string, call: Call): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await signedRequest(server, call);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (attempt === ATTEMPTS || server.signal.aborted || NETWORK_WORDS[code] === undefined) {
        throw remember(error, operation, server.url);
      }
    }
  }
}

const BY_STATUS: Readonly<Record<number, string>> = {
  403: "AccessDenied",
  404: "NotFound",
  405: "MethodNotAllowed",
  412: "PreconditionFailed",
};

/** The answer to a HEAD has no body: MinIO's code is in its headers then. */
function faultOf({ status, headers, text }: Answer): CallError {
  const code = headers["x-minio-error-code"] ?? field(text, "Code") ?? BY_STATUS[status] ?? `Http${status}`;
  const message = field(text, "Message") ?? headers["x-minio-error-desc"] ?? "";
  return new CallError(code, message.replace(/^"|"$/g, ""), status);
}

function field(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
