import { type Fix, setCommand } from "./fault.ts";

/** A name, and 32 bytes in base64: 43 characters and one for the end. */
const KMS_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9+/]{43}=$/;

/** Makes one and sets it; the name is the stack's to choose. */
export const NEW_KMS_KEY: Fix = [
  'echo "minio:$(head -c 32 /dev/urandom | base64)" | ',
  setCommand("--secret bucketworks:kmsKey"),
];

/** Where a server runs, its own Secret has the key. */
export function kmsKeyIn({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `kubectl -n ${namespace} get secret ${name}-root -o jsonpath='{.data.kms-key}' | base64 -d`;
}

/** Whether a text is a key of a server's encryption. */
export function isKmsKey(text: string): boolean {
  return KMS_KEY.test(text);
}
