import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Certificate } from "./tls.ts";

export interface Mail {
  readonly to: readonly string[];
  readonly text: string;
  /** Who logged in. */
  readonly user: string | undefined;
}

/** A mail server on loopback that takes mail of who logs in, and keeps it; a login without TLS it refuses. */
export class SecureMailServer {
  readonly mails: Mail[] = [];
  /** Passwords that were tried. */
  readonly passwords: string[] = [];
  readonly #server: SMTPServer;

  private constructor({ folder }: Certificate, options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      ...{ key: readFileSync(join(folder, "private.key")), cert: readFileSync(join(folder, "public.crt")) },
      ...options,
      onAuth: ({ username, password }, _session, done) => {
        this.passwords.push(String(password));
        done(null, { user: username });
      },
      onData: (stream, { envelope, user }, done) => {
        text(stream).then((mail) => {
          this.mails.push({ to: envelope.rcptTo.map(({ address }) => address), text: mail, user });
          done();
        }, done);
      },
    });
    // A client that doesn't trust it hangs up: that is what is tested.
    this.#server.on("error", () => undefined);
  }

  /**
   * @param options `secure` speaks TLS from the first byte; without it after STARTTLS, which `disabledCommands` can leave out
   * @param at address and port
   */
  static async start(
    certificate: Certificate,
    options: Pick<SMTPServerOptions, "secure" | "disabledCommands"> = {},
    at: { readonly host: string; readonly port: number } = { host: "127.0.0.1", port: 0 },
  ): Promise<SecureMailServer> {
    const made = new SecureMailServer(certificate, options);
    await once(made.#server.listen(at.port, at.host), "listening");
    return made;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
  }
}
