import { z } from "zod";
import { name } from "./kubernetes-values.ts";

/** Where a certificate comes from: nobody has one, somebody put it there, or cert-manager makes it. */
export const CertificateChoice = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("none") }),
  z.strictObject({
    from: z.literal("secret"),
    secret: name("Secret of type kubernetes.io/tls, with ca.crt beside it"),
  }),
  z.strictObject({
    from: z.literal("cert-manager"),
    issuer: name("issuer of the certificate"),
    issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer"),
  }),
]);

export type CertificateChoice = z.output<typeof CertificateChoice>;
