// Seals the folder bootstrap.sh has filled with Node. Run by that very Node, which proves that it runs here.
import { settle } from "./cache/entry.ts";

const [filled = "", folder = "", started = "0"] = process.argv.slice(2);
await settle(filled, folder, "npm", Math.round(Date.now() / 1000) - Number(started));
