import { z } from "zod";

const PORT = "must be a port, 1 to 65535";
const HTTPS = 443;

/** `bucketworks:hopsworks`: a Hopsworks that somebody runs elsewhere, for platforms whose features are defined there. */
export const HopsworksConfig = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, "must be a host name, without scheme and port; Hopsworks is asked by HTTPS alone"),
  port: z.int(PORT).min(1, PORT).max(65_535, PORT).default(HTTPS),
  project: z.string().min(1),
  /** Storage connector of that project, of kind S3, which reads the platform's bucket. */
  connector: z.string().min(1),
  /** PEM file of the CA of its certificate, from the project's root; absent trusts the public ones. */
  caFile: z.string().min(1).optional(),
});
