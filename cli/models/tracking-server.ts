import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Option } from "commander";
import { OWN_LOGINS } from "../../config/values/mlflow-logins.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import { keptMlflowPassword } from "../local/services/mlflow-passwords.ts";

/** A server of MLflow, and how to log in. */
export interface TrackingServer {
  /** Without / at its end. */
  readonly url: string;
  /** Value of the header Authorization; undefined where no login is given. */
  readonly login: string | undefined;
}

/** Options of every command that speaks with a registry. */
export interface ServerOptions {
  readonly platform?: string;
  readonly trackingUri?: string;
}

/** Ending of the names of MLflow's instances, `mlops-mlflow`. */
const INSTANCE = "-mlflow";

export const platformOption = (): Option =>
  new Option("-p, --platform <name>", "the platform whose MLflow make services runs here").conflicts("trackingUri");
export const uriOption = (): Option =>
  new Option("--tracking-uri <url>", "another MLflow (default: MLFLOW_TRACKING_URI, where no platform is named)");

/** For the help of each command. */
export const SERVER_HELP = `
The registry is that of the MLflow that make services runs, of the platform in --platform where there are several; or the
one that --tracking-uri names, or MLFLOW_TRACKING_URI where neither option is given. Logins are MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or
MLFLOW_TRACKING_TOKEN; one of make services that asks for logins has given these commands one of their own.`;

/**
 * The server that a command speaks with.
 * @throws CommandError where none is named and none or several are here
 */
export function trackingServer(
  { platform, trackingUri }: ServerOptions,
  checkout: Checkout,
  env: NodeJS.ProcessEnv,
): TrackingServer {
  // Not by commander's env(): a variable would then refuse the option --platform, which is nearer.
  const uri = trackingUri ?? (platform === undefined ? env.MLFLOW_TRACKING_URI || undefined : undefined);
  if (uri !== undefined) return { url: webUrl(uri), login: loginOf(env) };
  const { instance, url } = localServer(platform, checkout);
  return { url, login: loginOf(env) ?? ownLogin(instance, checkout) };
}

/** What this checkout's MLflow has given our commands, where it asks for logins. */
function ownLogin(instance: string, checkout: Checkout): string | undefined {
  const password = keptMlflowPassword(checkout, instance, OWN_LOGINS.commands);
  return password === undefined ? undefined : basic(OWN_LOGINS.commands, password);
}

function webUrl(text: string): string {
  const { protocol, username, password } = URL.parse(text) ?? {};
  if (protocol !== "http:" && protocol !== "https:") {
    throw new CommandError(
      `models: the tracking URI must be the http(s) address of a server of MLflow, like http://127.0.0.1:5000, got ${text}`,
      EXIT.wrongUse,
    );
  }
  if (username || password) {
    throw new CommandError(
      "models: the tracking URI holds a login; give it as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
      EXIT.wrongUse,
    );
  }
  return text.replace(/\/+$/, "");
}

function localServer(platform: string | undefined, { services }: Checkout): { instance: string; url: string } {
  const here = (existsSync(services) ? readdirSync(services) : [])
    .filter((name) => name.endsWith(INSTANCE))
    .map((name) => name.slice(0, -INSTANCE.length))
    .sort();
  const named = platform ?? (here.length === 1 ? here[0] : undefined);
  if (named === undefined && here.length > 1) {
    throw new CommandError(`models: name one platform of ${here.join(", ")} with --platform`, EXIT.wrongUse);
  }
  const address = named === undefined ? undefined : readText(join(services, `${named}${INSTANCE}`, "endpoint"));
  if (address !== undefined) return { instance: `${named}${INSTANCE}`, url: `http://${address}` };
  if (named !== undefined && here.length > 0 && !here.includes(named)) {
    throw new CommandError(`models: platform ${named} has no MLflow here; there are ${here.join(", ")}`, EXIT.wrongUse);
  }
  throw new CommandError(
    `models: no MLflow${named === undefined ? "" : ` of ${named}`} has run here; make services starts it, --tracking-uri names another one`,
    EXIT.couldNotLook,
  );
}

function loginOf(env: NodeJS.ProcessEnv): string | undefined {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password, MLFLOW_TRACKING_TOKEN: token } = env;
  if (user) return basic(user, password ?? "");
  return token ? `Bearer ${token}` : undefined;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
