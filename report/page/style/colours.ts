const LIGHT = `--page:#f6f5f1;--surface:#fffefb;--raised:#f0eee8;--ink:#1c2529;--soft:#566169;--line:#dedbd2;--accent:#1f6a84;--accent-soft:#e2eef2;--good:#25704f;--good-soft:#e1f0e7;--warning:#855300;--warning-soft:#fbeed3;--critical:#a82a20;--critical-soft:#fbe4e0;--good-fill:#4f9c78;--warning-fill:#d8992f;--critical-fill:#c9483c`;

const DARK = `--page:#12171a;--surface:#1a2125;--raised:#232c31;--ink:#e4e9ea;--soft:#a3b0b5;--line:#333f45;--accent:#7cc3dc;--accent-soft:#1c3641;--good:#7fcfa4;--good-soft:#17352a;--warning:#eebc62;--warning-soft:#3b2d12;--critical:#ff9d90;--critical-soft:#43201d;--good-fill:#5fb288;--warning-fill:#dba947;--critical-fill:#e0705f`;

/** Text on each ground has a contrast of 4.5 at least, by day and by night; a test in a browser measures it. */
export const COLOURS = `:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}`;

/** Paper is white, whatever the screen. */
export const PAPER_COLOURS = `@media print{:root{color-scheme:light;${LIGHT};--page:#fff;--surface:#fff}}`;
