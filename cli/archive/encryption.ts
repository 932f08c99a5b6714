import { Decrypter, Encrypter } from "age-encryption";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readNamedFile } from "../terminal/named-file.ts";

/** For whom an archive is encrypted: those who have the keys of recipients, or know a passphrase. */
export interface For {
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
}

/** By what an archive is opened. */
export interface By {
  readonly identityFile?: string;
  readonly passphraseFile?: string;
}

/**
 * Makes ready to encrypt by age (https://age-encryption.org/v1), which `age` and `rage` read, too.
 * @throws CommandError where nobody is named, both are, or a recipient is none
 */
export function encrypter(command: string, { recipient = [], passphraseFile }: For): Encrypter {
  if ((recipient.length === 0) === (passphraseFile === undefined)) {
    const said = "give --recipient, the public key of who may open it, or --passphrase-file, one of them";
    throw new CommandError(
      `${command}: the archive holds every key of the server, so it is encrypted: ${said}`,
      EXIT.wrongUse,
    );
  }
  const encrypting = new Encrypter();
  if (passphraseFile !== undefined) encrypting.setPassphrase(passphraseIn(command, passphraseFile));
  for (const each of recipient) {
    try {
      encrypting.addRecipient(each);
    } catch {
      const shown = each.startsWith("AGE-SECRET-KEY-")
        ? "a secret key was given, its public one is meant"
        : `got ${JSON.stringify(each)}`;
      throw new CommandError(`${command}: --recipient is a public key of age, age1...; ${shown}`, EXIT.wrongUse);
    }
  }
  return encrypting;
}

/**
 * Decrypts an archive.
 * @param file its name, for messages
 * @throws CommandError where it isn't encrypted by age, or not for who asks
 */
export async function decrypted(command: string, file: string, bytes: Uint8Array, by: By): Promise<Uint8Array> {
  const opening = new Decrypter();
  const { identityFile, passphraseFile } = by;
  if ((identityFile === undefined) === (passphraseFile === undefined))
    throw new CommandError(`${command}: give --identity-file or --passphrase-file, one of them`, EXIT.wrongUse);
  if (passphraseFile !== undefined) opening.addPassphrase(passphraseIn(command, passphraseFile));
  if (identityFile !== undefined) for (const each of identitiesIn(command, identityFile)) opening.addIdentity(each);
  try {
    return await opening.decrypt(bytes);
  } catch (error) {
    const what = passphraseFile === undefined ? "the keys in --identity-file" : "the passphrase";
    const reason = `${file} can't be opened by ${what}: ${(error as Error).message}`;
    throw new CommandError(`${command}: ${reason}; nothing was changed`, EXIT.wrongUse);
  }
}

/** Fewer can be guessed from a copy of the archive. */
const SHORTEST = 12;

function passphraseIn(command: string, file: string): string {
  const text = readNamedFile(file, "name a file with the passphrase and nothing else").replace(/\r?\n$/, "");
  if (text.length >= SHORTEST && !/[\r\n]/.test(text)) return text;
  const what =
    text.length < SHORTEST ? `has ${text.length} characters, ${SHORTEST} are the least` : "has more than one line";
  throw new CommandError(`${command}: the passphrase in ${file} ${what}`, EXIT.wrongUse);
}

function identitiesIn(command: string, file: string): string[] {
  const lines = readNamedFile(file, "name the file that age-keygen wrote").split(/\r?\n/);
  const found = lines.filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (found.length > 0) return found;
  throw new CommandError(`${command}: ${file} has no line that begins with AGE-SECRET-KEY-`, EXIT.wrongUse);
}
