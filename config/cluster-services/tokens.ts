import { z } from "zod";

const KEYS = z.object({
  keys: z.array(z.looseObject({ kty: z.literal("RSA"), kid: z.string().min(1), n: z.string(), e: z.string() })).min(1),
});

/** Parts of a private key, by their names in a JWK. */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** What is wrong with where public keys are, or with the keys themselves; null for what a service can read. */
function keySetFault(given: string): string | null {
  if (given.startsWith("https://"))
    return URL.canParse(given) ? null : "must be an https address, or a JSON Web Key Set";
  const parsed = KEYS.safeParse(jsonOf(given));
  if (!parsed.success) return "must be an https address, or a JSON Web Key Set with keys of RSA that have kid, n and e";
  const isPrivate = parsed.data.keys.some((key) => PRIVATE.some((part) => part in key));
  return isPrivate
    ? "holds a private key: everybody who reads the stack's file could sign; take the public keys alone"
    : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whose tokens services take. */
export const Tokens = z.strictObject({
  jwks: z
    .string()
    .superRefine((given, { addIssue }) => {
      const fault = keySetFault(given);
      if (fault !== null) addIssue({ code: "custom", message: fault });
    })
    .meta({ description: "public keys of who signs: an https address, or the keys themselves as JSON" }),
  issuer: z.string().min(1).meta({ description: "who signs tokens (iss)" }),
  audience: z.string().min(1).default("model-api").meta({ description: "for whom tokens are (aud)" }),
  rolesClaim: z.string().min(1).default("roles").meta({ description: "where a token has the roles" }),
});
