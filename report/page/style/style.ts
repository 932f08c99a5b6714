import { ACCESS } from "./access.ts";
import { COLOURS, PAPER_COLOURS } from "./colours.ts";
import { FIGURES } from "./figures.ts";
import { LAYOUT } from "./layout.ts";
import { PAPER } from "./paper.ts";
import { PARTS } from "./parts.ts";

/** The page's only style sheet. Paper comes last: it takes back what is for screens. */
export const STYLE = [COLOURS, LAYOUT, PARTS, FIGURES, ACCESS, PAPER_COLOURS, PAPER].join("\n");
