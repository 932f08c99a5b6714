/** What to write instead of an encryption that is none. */
export function encryptionFix(given: string): string {
  const text = given.trim();
  if (/^(?:no|off|false|disabled|unencrypted|plain(?:text)?|)$/i.test(text)) return "write none";
  const key =
    /^(?:aws|sse)?[:_-]?kms[\s:=/_-]+([A-Za-z0-9][A-Za-z0-9._-]*)$/i.exec(text)?.[1] ??
    /^sse-kms\W+([A-Za-z0-9][A-Za-z0-9._-]*)$/i.exec(text)?.[1];
  if (key !== undefined) return `write sse-kms:${key}`;
  if (/kms/i.test(text)) return "name the key, like sse-kms:my-key";
  return "write sse-s3";
}
