/** `w37` is 37 percent wide: the page's policy admits no style in an element. */
const WIDTHS = Array.from({ length: 101 }, (_, percent) => `.w${percent}{--share:${percent}%}`).join("");

/** Tables and plots. */
export const FIGURES = `.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.94rem}
caption{text-align:left;color:var(--soft);font-size:.86rem;padding-bottom:.35rem}
th,td{text-align:left;vertical-align:baseline;padding:.42rem 1rem .42rem 0;border-bottom:1px solid var(--line);overflow-wrap:normal}
th:last-child,td:last-child{padding-right:0}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:6rem}
.scroll tbody th{min-width:12rem}.scroll td:not(.figure){min-width:7rem}
td.figure+td:not(.figure),th.figure+th:not(.figure){padding-left:1.4rem}
td .name,dd .name{overflow-wrap:anywhere}
td{overflow-wrap:break-word}
thead th{font-size:.82rem;font-weight:500;color:var(--soft);white-space:nowrap}
td.figure,th.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.barred{min-width:9rem}
.barred .bar{float:left;width:calc(100% - 5.4rem);margin-top:.55em}
.bar{display:block;height:7px;border-radius:4px;background:linear-gradient(var(--tone,var(--accent)) 0 0) no-repeat 0/var(--share) var(--line)}
.bar.good{--tone:var(--good-fill)}.bar.warning{--tone:var(--warning-fill)}.bar.critical{--tone:var(--critical-fill)}
${WIDTHS}
figure{margin-block:.4rem}
figcaption{color:var(--soft);font-size:.9rem}
figcaption .number{color:var(--ink);margin-left:.3rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:1.4rem 2rem;margin-top:1rem}
.drawing .narrow{display:none}
.plot{font-size:12px;width:100%;height:auto;overflow:visible}
.plot text{white-space:pre;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
.plot [aria-label*="axis tick label"]{fill:var(--soft)}
@media screen and (max-width:560px){
.scroll tbody th{min-width:9rem}.scroll td:not(.figure){min-width:9rem}
th,td{padding-right:.7rem}
td.barred{min-width:0}
.barred .bar{float:none;width:100%;min-width:3rem;margin:.45rem 0 .2rem}
.drawing .wide{display:none}.drawing .narrow{display:block}
}`;
