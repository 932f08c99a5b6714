import { z } from "zod";
import { namedServers, remote } from "./remotes.ts";

/** `bucketworks:backupTargets`: other servers, to which buckets are backed up, by the names that specs call them. */
export const BackupTargets = namedServers(
  "backup target",
  remote.extend({
    /** PEM file of the CA of its certificate, from the project's root; absent trusts the public ones. */
    caFile: z.string().min(1).optional(),
  }),
);

export type BackupTargets = Readonly<z.output<typeof BackupTargets>>;
export type BackupTarget = BackupTargets[string];
