/** postgres of the official image; it owns the volume. */
export const USER = 999;
/** The ConfigMap with what the server starts from. */
export const SETTINGS = "/etc/bucketworks/settings";
/** The volume, and the data in it. */
export const DATA = "/var/lib/postgresql";
export const PGDATA = `${DATA}/data`;
export const SOCKET = "/var/run/postgresql";
