import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { BackupTargets } from "../stack/backup-targets.ts";
import type { Remotes } from "../stack/remotes.ts";
import { nearest } from "../values/nearest.ts";
import type { DocumentRule } from "./rule.ts";

/**
 * Where the stack is known: every remote that replication names is one of its own, no two of a bucket lead to one server,
 * and none leads back to the bucket itself.
 * @param stage of the stack: another stage's overlay may name what this stack doesn't have
 * @param own host:port of the stack's server; undefined where that isn't known
 */
export function declaredRemotes(stage: string, remotes: Remotes, own?: string): DocumentRule {
  const names = Object.keys(remotes);
  return (view) => {
    if (view.stage !== stage) return [];
    return view.buckets.flatMap(({ bucket, replication }) => {
      const faults: Fault[] = [];
      const servers = new Map<string, string>();
      for (const { rule, path } of replication) {
        const remote = Object.hasOwn(remotes, rule.to) ? remotes[rule.to] : undefined;
        if (remote === undefined) {
          faults.push(unknownRemote(rule.to, names, [...path, "to"]));
          continue;
        }
        const host = new URL(remote.endpoint).host;
        const before = servers.get(host);
        servers.set(host, before ?? rule.to);
        if (before !== undefined && before !== rule.to) {
          const message = `${shownText(rule.to)} leads to the server of ${shownText(before)}, ${host}: MinIO copies a bucket to a server once`;
          faults.push({ code: "second-target", path: [...path, "to"], message, fix: "name one of the two" });
        }
        if (host === own && (rule.bucket ?? bucket.name) === bucket.name) {
          const message = `${shownText(rule.to)} is the server of this stack, ${host}: bucket ${shownText(bucket.name)} can't be copied to itself`;
          const fix = "name another remote, or another bucket of this server";
          faults.push({ code: "replication-to-itself", path: [...path, "to"], message, fix });
        }
      }
      return faults;
    });
  };
}

/** As `declaredRemotes`, of the server that backups go to. */
export function declaredBackupTargets(stage: string, targets: BackupTargets, own?: string): DocumentRule {
  const names = Object.keys(targets);
  return ({ stage: viewed, spec: { backup } }) => {
    if (viewed !== stage || backup?.to === undefined) return [];
    const path = ["backup", "to"];
    const target = Object.hasOwn(targets, backup.to) ? targets[backup.to] : undefined;
    if (target === undefined) {
      const there = names.length === 0 ? "which has none" : `there are ${names.join(", ")}`;
      const message = `this stack has no backup target ${shownText(backup.to)} in bucketworks:backupTargets, ${there}`;
      const near = nearest(backup.to, names);
      const declare = "declare it in the stack (docs/backup.md), or let the overlay of another stage say to";
      const fix = near === null ? declare : `did you mean ${near}? or ${declare}`;
      return [{ code: "dangling-reference", path, message, fix }];
    }
    const { host } = new URL(target.endpoint);
    if (host !== own) return [];
    const message = `${shownText(backup.to)} is the server of this stack, ${host}: what is lost with it would be lost twice`;
    return [{ code: "backup-target", path, message, fix: "name another server, or leave to out" }];
  };
}

function unknownRemote(name: string, names: readonly string[], path: Fault["path"]): Fault {
  const there = names.length === 0 ? "which has none" : `there are ${names.join(", ")}`;
  const message = `this stack has no remote ${shownText(name)} in bucketworks:remotes, ${there}`;
  const near = nearest(name, names);
  const declare = "declare it in the stack (docs/replication.md), or let the overlay of another stage say replication";
  const fix = near === null ? declare : `did you mean ${near}? or ${declare}`;
  return { code: "dangling-reference", path, message, fix };
}
