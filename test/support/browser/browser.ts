import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContextOptions, type Browser as Chromium, chromium } from "playwright-core";
import { ROOT } from "../toolchain.ts";
import { OpenedPage } from "./opened-page.ts";

/** Every name but this machine's own is one that doesn't exist. */
const NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";

/** How long something may take to appear, milliseconds: the machine may do something else besides. */
const PATIENCE = 120_000;

/** What somebody looks through; a window of 1280 by 720 in the light with scripts, where nothing else is said. */
export type Screen = Pick<BrowserContextOptions, "colorScheme" | "viewport" | "javaScriptEnabled">;

/** Chromium without windows, which reaches this machine alone. Each page is a person of their own: it shares no login with another. */
export class Browser {
  readonly #chromium: Chromium;

  private constructor(started: Chromium) {
    this.#chromium = started;
  }

  /** @throws when `make chromium` hasn't run */
  static async start(): Promise<Browser> {
    const executablePath = join(ROOT, ".bucketworks", "toolchain", "chromium");
    if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: run make chromium`);
    return new Browser(await chromium.launch({ executablePath, args: [NO_NETWORK] }));
  }

  /** Opens a page and waits until what it is made of is there; what scripts draw then is waited for by its text. */
  async open(url: string, screen: Screen = {}): Promise<OpenedPage> {
    const context = await this.#chromium.newContext(screen);
    context.setDefaultTimeout(PATIENCE);
    const opened = new OpenedPage(await context.newPage());
    await opened.page.goto(url, { waitUntil: "load" });
    return opened;
  }

  stop(): Promise<void> {
    return this.#chromium.close();
  }
}
