import type { ResolvedModel } from "../../config/model.ts";
import { wholeServer } from "../../import/draft.ts";
import { importSpec } from "../../import/spec.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { ownIdentities } from "../../live/own-identities.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

export const NONE: ResolvedModel = { schemaVersion: 1, stage: "dev", connection: null, platforms: [] };

export function imported(live: LiveServer, beside: ResolvedModel = NONE, known: readonly string[] = []) {
  const server = wholeServer(live);
  if ("unread" in server) throw new Error(server.unread.join("\n"));
  return importSpec(live, server, { platform: "found", beside, own: ownIdentities(live, new Set(known)) });
}

export function looks(policies: readonly [string, PolicyDocument][]): LiveServer["policies"] {
  return new Map(policies.map(([name, value]) => [name, { value }]));
}
