/**
 * Says what the provider of identities found, whose own words name neither who is lost nor a remedy (`[FATAL] ... %s: %s`).
 * @param complaint of the engine, with the resource's logical name before it
 * @returns the complaint itself where it is about something else
 */
export function identityFault(complaint: string): string {
  const name = /^(?:[^\s/]+\/)?(\S+): /.exec(complaint)?.[1];
  if (name === undefined) return complaint;
  if (/error reading service account/.test(complaint)) {
    return `service account ${name} of the state isn't on the server any more, or can't be read; make it again with a new key: bucketworks key rotate ${name} (docs/runbook.md#a-service-account-was-deleted-by-hand)`;
  }
  if (/failed to load user Infos|user does not exist|\[FATAL\].*user/i.test(complaint)) {
    return `${name}: its user isn't on the server any more; make up makes it again with a new key (docs/runbook.md#a-user-was-deleted-by-hand)`;
  }
  return complaint;
}
