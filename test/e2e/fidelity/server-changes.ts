import type { Change } from "./change.ts";

/** Of the server's own configuration, which no resource of the stack is. */
export const SERVER_CHANGES: readonly Change[] = [
  change("requests told to a webhook", "added", "unmanaged", "audit_webhook:fidelity", ({ remote }) => [
    `endpoint=${remote.url}`,
  ]),
  change("log told to a webhook", "added", "unmanaged", "logger_webhook:fidelity", ({ remote }) => [
    `endpoint=${remote.url}`,
  ]),
  change("pages of one origin alone may call", "stronger", "changed", "api", () => [
    "cors_allow_origin=https://app.example",
  ]),
  change("the server's scanner slowed down", "weaker", "changed", "scanner", () => ["speed=slow"]),
];

function change(
  what: string,
  direction: Change["direction"],
  kind: Change["kind"],
  name: string,
  settings: (hand: Parameters<Change["make"]>[0]) => readonly string[],
): Change {
  return {
    ...{ what, direction, kind, name, subject: "server configuration", resources: [] },
    make: (hand) => hand.mc.run("admin", "config", "set", "t", name, ...settings(hand)),
  };
}
