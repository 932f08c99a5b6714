/** Type, grounds, and where things stand: one column, and the table of contents beside it where there is room. */
export const LAYOUT = `*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:anywhere}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:clamp(1.9rem,5vw,2.6rem);line-height:1.15;letter-spacing:-.02em;font-weight:700}
h2{font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;font-weight:650;margin-bottom:1rem}
h3{font-size:1.02rem;line-height:1.35;font-weight:650}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
[tabindex="-1"]:focus{outline:none}
.name{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em;unicode-bidi:isolate}
h1 .name,h3 .name{font:inherit}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--surface);padding:.6rem 1rem;z-index:5;border-radius:0 0 8px 8px}
.skip:focus{top:0}
header,.columns,footer{max-width:1240px;margin-inline:auto;padding-inline:clamp(1rem,3vw,2rem)}
header{padding-top:2.2rem;padding-bottom:1.4rem}
.eyebrow{color:var(--soft);font-size:.82rem;letter-spacing:.06em;text-transform:uppercase;margin-bottom:.35rem}
.meta{display:flex;flex-wrap:wrap;gap:.15rem 1.4rem;margin-top:.6rem;font-size:.94rem}
.ago,.places,.kind,.detail{color:var(--soft)}
.columns{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem}
main{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem}
main>section{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:clamp(1.1rem,2.6vw,1.8rem);scroll-margin-top:1rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem}
nav a{display:flex;gap:.5rem;align-items:baseline;justify-content:space-between;padding:.3rem .7rem;border-radius:8px;color:var(--ink);text-decoration:none;font-size:.92rem;border:1px solid var(--line);background:var(--surface)}
nav a:hover{background:var(--raised)}
nav .count{color:var(--soft);font-variant-numeric:tabular-nums;font-size:.86em;white-space:nowrap}
nav a.critical .count{color:var(--critical);font-weight:700}
nav a.warning .count{color:var(--warning);font-weight:700}
footer{color:var(--soft);font-size:.86rem;padding-block:1.6rem 2.4rem}
@media (min-width:1020px){
.columns{grid-template-columns:210px minmax(0,1fr);gap:2rem}
nav{position:sticky;top:1.2rem;align-self:start}
nav ul{flex-direction:column;gap:.1rem}
nav a{border-color:transparent;background:none}
}
@media (max-width:560px){
header{padding-top:1.4rem}
h2{font-size:1.25rem}
main>section{border-radius:10px}
}`;
