import { isKmsKey } from "../../config/stack/kms-key.ts";

/** What may be wrong with a secret's text, to follow "must be"; undefined for a good one. Never shows the text. */
export type SecretForm = (text: string) => string | undefined;

/** 32 bytes in base64: 43 characters and one for the end. */
const KEY = /^[A-Za-z0-9+/]{43}=$/;
/** One line that a header, a shell and MinIO take; nothing a crash or a full disk leaves behind has this form. */
const LINE = /^[\x21-\x7e]+$/;

/** From which every password of the local databases is made: fewer bytes could be guessed, none at all computed. */
export const databaseKey: SecretForm = (text) =>
  KEY.test(text) && Buffer.from(text, "base64").toString("base64") === text
    ? undefined
    : "base64 of exactly 32 bytes (44 characters)";

export const kmsKey: SecretForm = (text) => {
  const bytes = text.slice(text.indexOf(":") + 1);
  return isKmsKey(text) && databaseKey(bytes) === undefined
    ? undefined
    : "NAME:KEY, a name and base64 of exactly 32 bytes";
};

/** MinIO takes 3 characters and more. */
export const userName: SecretForm = (text) => atLeast(3, text);
/** MinIO takes 8 characters and more. */
export const password: SecretForm = (text) => atLeast(8, text);

function atLeast(length: number, text: string): string | undefined {
  return LINE.test(text) && text.length >= length
    ? undefined
    : `one line of ${length} characters or more, without blanks or control characters`;
}

/** A person may have chosen it: blanks and any letters are its own business. */
export const passphrase: SecretForm = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^[^\x00-\x1f\x7f\ufffd]+$/.test(text) ? undefined : "one line of text without control characters";
