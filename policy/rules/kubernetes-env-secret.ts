import { z } from "zod";
import { cisKubernetes } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

const SECRET_NAME =
  /(^|_)\w*(PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL)S?(_|$)|(^|_)(API|ACCESS|SECRET|PRIVATE)?(KEY|TOKEN)S?(_|$)/i;
/** Of a variable that says something about a secret, and not the secret. */
const ABOUT = /_(FILE|PATH|DIR|NAME|PREFIX|TTL|EXPIRY|ALGORITHM|TYPE|URL)$/i;
/** Values that hold no secret: a switch, or a reference to another variable. */
const HARMLESS = /^(true|false|\$\(\w+\))$/i;

/** What credentials look like, wherever they stand. */
const CREDENTIALS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bgh[pousr]_\w{36}/,
  /\bxox[abprs]-[\w-]{10}/,
  /\beyJ[\w-]+\.eyJ[\w-]+\./,
  // The password of a URL; `$(NAME)` is the value of another variable.
  /^[a-z][\w+.-]*:\/\/[^/?#\s:@]*:(?!\$\(\w+\)@)[^/?#\s@]+@/i,
];

export const kubernetesEnvSecret = workloadRule({
  name: "kubernetes-env-secret",
  description:
    "no secret stands in plaintext in an environment variable: everybody who may read the object would have it",
  severity: "critical",
  topic: "access",
  framework: cisKubernetes("5.4.1"),
  remedy: "put the value into a Secret and take it by valueFrom.secretKeyRef, or mount it as a file",
  note: "a variable is judged by its name (PASSWORD, SECRET, KEY, TOKEN and the like as one of its words) and by what its value looks like; the value itself is never repeated",
  needs: ["literals"],
  options: {
    harmless: z
      .array(z.string())
      .default([])
      .meta({ description: "variables that hold no secret, whatever their names" }),
  },
  judge: ({ literals }, { harmless }) =>
    literals
      .filter(({ variable }) => !harmless.includes(variable))
      .flatMap(({ container, variable, value }) => {
        const place = `variable ${variable} of container ${container}`;
        if (CREDENTIALS.some((pattern) => pattern.test(value)))
          return [`holds what looks like a credential in ${place}`];
        const named = SECRET_NAME.test(variable) && !ABOUT.test(variable);
        return named && !HARMLESS.test(value) ? [`holds a literal value in ${place}`] : [];
      }),
});
