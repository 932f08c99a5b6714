import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { isSecret, shownText } from "../schema/values.ts";
import { regionFault } from "../values/region.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";

const AT = ["minio_config"];
/** MinIO's console listens here beside the S3 port 9000. */
const CONSOLE_PORT = 9001;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)$/;

/** `endpoint` is host:port of the S3 port. */
export const endpoint: DocumentRule = ({ spec }) => {
  const value = spec.minio_config?.endpoint;
  if (value === undefined) return [];
  const path = [...AT, "endpoint"];
  const fault = (message: string, fix: string, code: Fault["code"] = "endpoint"): Fault[] => [
    { code, path, message, fix },
  ];
  if (value.includes("@"))
    return fault("must be host:port, it holds an @", "give credentials as access_key and secret_key");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(value);
  if (scheme !== null) {
    const secure = scheme[1]?.toLowerCase() === "https";
    const rest = (scheme[2] ?? "").replace(/\/.*$/s, "").replace(new RegExp(`:${CONSOLE_PORT}$`), ":9000");
    const message = `must be host:port without a scheme, got ${shownText(value)}`;
    return fault(message, `write ${shownText(rest)} and secure: ${secure}`);
  }
  if (/[/?#]/.test(value))
    return fault(`must be host:port without a path, got ${shownText(value)}`, "remove what follows the port");
  const colon = value.lastIndexOf(":");
  const host = colon === -1 ? value : value.slice(0, colon);
  const port = colon === -1 ? "" : value.slice(colon + 1);
  if (/^[\d.]+$/.test(host) && !isIPv4(host))
    return fault(`must be host:port, and ${host} is no address: four numbers from 0 to 255`, "fix the address");
  if (!HOST.test(host) || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    return fault(`must be host:port, got ${shownText(value)}`, "write for example localhost:9000");
  }
  if (Number(port) === CONSOLE_PORT) {
    const message = `port ${CONSOLE_PORT} is MinIO's console, not its S3 port`;
    return fault(message, `write ${shownText(`${host}:9000`)}`, "console-port");
  }
  return [];
};

/** Credentials come in pairs that MinIO accepts. No message shows one. */
export const credentials: DocumentRule = ({ spec, isKnown }) => {
  const config = spec.minio_config;
  if (config === undefined) return [];
  const { access_key, secret_key, region } = config;
  const faults: Fault[] = [];
  const fault = (key: string, message: string, fix: string): void => {
    faults.push({ code: key === "region" ? "region" : "credentials", path: [...AT, key], message, fix });
  };
  const lacks = (key: "access_key" | "secret_key"): boolean => config[key] === undefined && isKnown([...AT, key]);
  if (access_key !== undefined && lacks("secret_key"))
    fault("access_key", "access_key needs secret_key beside it", "add secret_key");
  if (secret_key !== undefined && lacks("access_key"))
    fault("secret_key", "secret_key needs access_key beside it", "add access_key");
  if (access_key !== undefined && access_key.length < 3)
    fault("access_key", "access_key must have at least 3 characters", "choose a longer one");
  if (secret_key !== undefined && secret_key.length < 8)
    fault("secret_key", "secret_key must have at least 8 characters", "choose a longer one");
  const wrong = region === undefined ? null : regionFault(region);
  if (region !== undefined && wrong !== null)
    fault("region", `region ${shownText(region)} ${wrong}`, "write for example us-east-1");
  return faults;
};

/** One stack is one server: its files say the same about it, or nothing. */
export const sameServer: StackRule = (views) => {
  const issues: SpecIssue[] = [];
  for (const key of ["endpoint", "access_key", "secret_key", "secure", "region"] as const) {
    const path: Path = [...AT, key];
    let first: { view: View; value: string | boolean } | null = null;
    for (const view of views) {
      const value = view.spec.minio_config?.[key];
      if (value === undefined) continue;
      first ??= { view, value };
      if (first.value === value) continue;
      const given = isSecret(path) ? "" : ` ${shownText(value)}`;
      const message = `${key}${given} differs from ${placeName(first.view, path)}, but files of one stack share one server`;
      const fault: Fault = {
        code: "minio-config-differs",
        path,
        message,
        fix: "say the same in both, or drop minio_config from one",
      };
      issues.push(placeFault(fault, view.document, view.stage, view.root));
    }
  }
  return issues;
};

function isIPv4(host: string): boolean {
  const numbers = host.split(".");
  return numbers.length === 4 && numbers.every((each) => /^\d{1,3}$/.test(each) && Number(each) <= 255);
}
