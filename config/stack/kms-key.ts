/** A name, and 32 bytes in base64: 43 characters and one for the end. */
const KMS_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9+/]{43}=$/;

/** Makes one and sets it; the name is the stack's to choose. */
export const NEW_KMS_KEY =
  'echo "minio:$(head -c 32 /dev/urandom | base64)" | pulumi config set --secret bucketworks:kmsKey';

/** Where a server runs, its own Secret has the key. */
export function kmsKeyIn({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `kubectl -n ${namespace} get secret ${name}-root -o jsonpath='{.data.kms-key}' | base64 -d`;
}

/** What is wrong with the key of a server's encryption, to follow its name; null for a good one. Never shows it. */
export function kmsKeyFault(key: string): string | null {
  if (KMS_KEY.test(key)) return null;
  return `must be NAME:KEY, a name and base64 of exactly 32 random bytes; for a server that has never run make one: ${NEW_KMS_KEY}`;
}
