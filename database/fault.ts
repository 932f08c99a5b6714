/** `findings`: what is there isn't as it must be; `couldNotLook`: nobody answered, or refused to. */
export type FaultKind = "findings" | "couldNotLook";

/** What an operator can mend, in one sentence; nothing has changed on the server. */
export class DatabaseFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.name = "DatabaseFault";
    this.kind = kind;
  }
}
