import { replacedName } from "../../builders/previous-key.ts";

/**
 * Says what the provider of identities found: its own words name neither who is lost nor a remedy (`[FATAL] ... %s: %s`).
 * @param complaint of the engine, behind the logical name or the URN of a resource
 * @returns the complaint itself where it is about something else
 */
export function identityFault(complaint: string): string {
  const user = /failed to load user Infos \(([^)]+)\)/.exec(complaint)?.[1];
  if (user !== undefined) return lost("user", user);
  if (!/error reading service account/.test(complaint)) return complaint;
  const name = (/IamServiceAccount::(\S+): /.exec(complaint) ?? /^(\S+): /.exec(complaint))?.[1];
  if (name === undefined) return complaint;
  const account = replacedName(name);
  return account === undefined
    ? lost("service account", name.slice(name.indexOf("/") + 1))
    : `the former key of service account ${account.slice(account.indexOf("/") + 1)} isn't on the server any more, or can't be read; bucketworks rotate --due has the state forget it (docs/rotation.md)`;
}

function lost(kind: string, name: string): string {
  const section = `a-${kind.replace(" ", "-")}-was-deleted-by-hand`;
  return `${kind} ${name} of the state isn't on the server any more, or can't be read; make up makes all such again with new keys, or for any stack: bucketworks key rotate ${name} (docs/runbook.md#${section})`;
}
