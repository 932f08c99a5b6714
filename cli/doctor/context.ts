import type { ResolvedModel } from "../../config/model.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { endingOf } from "../ending/error-to-exit.ts";
import { namedTarget } from "../target/server-option.ts";
import { loadTarget, type Target } from "../target/target.ts";

/** What doctor was asked to look at. */
export interface Asked {
  readonly stage: string;
  readonly env: NodeJS.ProcessEnv;
  /** @default the checkout this program lies in */
  readonly root?: string | undefined;
  /** Another server than the stack's, and the CA of its certificate. */
  readonly server?: string | undefined;
  readonly caFile?: string | undefined;
  /** Whether each identity's key is tried. */
  readonly identities: boolean;
  /** A bucket to be shown with who may what in it. */
  readonly bucket?: string | undefined;
}

/** What all checks look at. */
export interface Context extends Asked {
  readonly root: string;
  readonly checkout: Checkout;
  readonly found: Found;
}

/** Settings as far as they lead: to a server with credentials, to one without, or to a sentence why to none. */
export type Found =
  | (Target & { readonly kind: "whole" })
  | (Target & { readonly kind: "no credentials"; readonly why: string })
  | { readonly kind: "none"; readonly why: string };

/** Stand for credentials while the server alone is looked for; they are sent to nobody. */
const STAND_IN = { user: "doctor", password: "stands-for-none" };

export function contextOf(asked: Asked): Context {
  const root = asked.root ?? ownRoot();
  return { ...asked, root, checkout: checkoutAt(root), found: findTarget(asked, root) };
}

function findTarget({ stage, env, server, caFile }: Asked, root: string): Found {
  const named = (over: NodeJS.ProcessEnv): Target =>
    server === undefined
      ? loadTarget({ stage, files: [], env: { ...env, ...over }, root })
      : namedTarget({ url: server, caFile }, { stage, files: [], env: { ...env, ...over } });
  const { user, password } = STAND_IN;
  const standIn =
    server === undefined
      ? { MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password }
      : { MINIO_ACCESS_KEY: user, MINIO_SECRET_KEY: password };
  try {
    return { kind: "whole", ...named({}) };
  } catch (error) {
    const why = endingOf(error).text;
    try {
      return { kind: "no credentials", why, ...named(standIn) };
    } catch (again) {
      return { kind: "none", why: endingOf(again).text };
    }
  }
}

/** The server; only for checks that need `settings`. */
export function serverOf({ found }: Context): ServerAddress {
  if (found.kind === "none") throw new Error(found.why);
  return found.server;
}

/** Where a server is asked, as Node's sockets take it. */
export function hostAndPort({ endpoint, secure }: ServerAddress): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`${secure ? "https" : "http"}://${endpoint}`);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) || (secure ? 443 : 80) };
}

/** The model; only for checks that need `settings`. */
export function modelOf({ found }: Context): ResolvedModel {
  if (found.kind === "none") throw new Error(found.why);
  return found.model;
}
