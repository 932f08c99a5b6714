import { readFileSync } from "node:fs";

/** What the shipper is told, in a file of mode 0600. */
export interface ShipSettings {
  /** Names of the stack's platforms. */
  readonly platforms: readonly string[];
  /** Where the store takes lines; the file holds the writer's password. */
  readonly store: { readonly address: string; readonly user: string; readonly passwordFile: string };
  /** Where audit lines go; null where nobody asks for a trail, or its key isn't there yet. */
  readonly audit: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    readonly accessKey: string;
    readonly secretKey: string;
  } | null;
  /** Where it tells how it does, on loopback. */
  readonly port: number;
}

export function readShipSettings(file: string): ShipSettings {
  return JSON.parse(readFileSync(file, "utf8")) as ShipSettings;
}
