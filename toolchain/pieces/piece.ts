/** Where official parts may come from: `auto` tries them and falls back, `build` never looks, `download` never builds. */
export type SourceMode = "auto" | "build" | "download";

/** What a piece may use while it fills its folder. */
export interface Work {
  readonly signal: AbortSignal;
  /** A folder for intermediate files; removed afterwards. */
  readonly scratch: string;
  /** One line for the user, under the piece's name. */
  readonly say: (line: string) => void;
}

/** One part of the toolchain: a folder of the cache named by a key made of its pins. */
export interface Piece {
  readonly name: string;
  readonly version: string;
  readonly key: string;
  /** Fills an empty folder and answers where the files came from. */
  readonly fill: (folder: string, work: Work) => Promise<string>;
}
