import { checkoutAt } from "../../cli/checkout.ts";
import type { Context } from "../../cli/doctor/context.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { ROOT } from "./cli.ts";

/** A context whose settings lead to a server, for one check of doctor. */
export function contextWith(server: Partial<ServerAddress>, over: Partial<Context> = {}): Context {
  const root = over.root ?? ROOT;
  return {
    stage: "dev",
    env: {},
    root,
    checkout: checkoutAt(root),
    identities: false,
    found: {
      kind: "whole",
      model: { platforms: [] } as unknown as Extract<Context["found"], { kind: "whole" }>["model"],
      server: {
        endpoint: "127.0.0.1:1",
        secure: false,
        region: "us-east-1",
        accessKey: "a",
        secretKey: "s",
        ...server,
      },
    },
    ...over,
  };
}
