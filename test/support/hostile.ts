import fc from "fast-check";

/**
 * What somebody might give as a name, a description, a tag or a message; each says INJECTED where something of it could
 * come to life. Every output's test uses this list.
 */
export const HOSTILE: readonly string[] = [
  "\u202eINJECTED.exe\u202c \u2066x\u2069",
  "\u200bINJECTED \u200d \ufeff \u{e0041} \u3164 \u034f \ufe0f",
  "\u001b[31mINJECTED\u0007 \u001b]8;;https://INJECTED.example\u0007x\u001b]8;;\u0007",
  "\u0000INJECTED \u0008\u007f\u0085\u009b2J",
  "a\ud800INJECTED\udc00",
  "INJECTED\nINJECTED=1\r\n# INJECTED\n\n## INJECTED\n\n- [ ] INJECTED\n\n```\nINJECTED\n```\n~~~\nINJECTED",
  "INJECTED\u2028INJECTED\u2029INJECTED",
  "INJECTED ` INJECTED `` INJECTED ``` INJECTED",
  "`INJECTED",
  "a | INJECTED |\n|---|---|\n| INJECTED | INJECTED |",
  "\\| INJECTED \\\\| |",
  "\\INJECTED\\",
  "<img src=x onerror=INJECTED> <script>INJECTED</script> &lt;INJECTED&gt;",
  "</details></summary> INJECTED <!-- INJECTED --> <![CDATA[ INJECTED ]]>",
  "<!-- bucketworks:comment stage=production --> INJECTED",
  "[INJECTED](https://example.com) [INJECTED](1) https://INJECTED.example.com www.INJECTED.example.com",
  "![INJECTED](https://example.com/pixel.png) [^INJECTED]\n\n[^INJECTED]: INJECTED",
  "@INJECTED and @org/INJECTED, #1 GH-1 org/repo#1 INJECTED",
  "$INJECTED$ $$INJECTED$$ :INJECTED: **INJECTED** ~~INJECTED~~",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a shell or a template would take for its own
  "${INJECTED} $(touch INJECTED) `touch INJECTED` {0} {{ INJECTED }} $& $1 %s",
  "' INJECTED'; DROP TABLE INJECTED; -- '' \\' E'",
  "*/ INJECTED /* -- INJECTED\n-- INJECTED $$ INJECTED $tag$",
  '" INJECTED" "" \\" #INJECTED',
  "&INJECTED *INJECTED !INJECTED |INJECTED >INJECTED",
  "&anchor INJECTED",
  "- INJECTED: x\n  y: {INJECTED: [",
  "--- # INJECTED",
  "yes",
  "  INJECTED  ",
  `INJECTED ${"x".repeat(20_000)}`,
];

/** Drawn as nothing, or steering what draws it; the line breaks and tabs of our own lines aside. */
export const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\u034f|[\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/u;

/** Any text made of what the list is made of, and any other. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(fc.constantFrom(...HOSTILE.flatMap((text) => text.slice(0, 200).split(/(?<=\W)/)), "\n", "\r", "\t", "`"), {
      maxLength: 30,
    })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
);
