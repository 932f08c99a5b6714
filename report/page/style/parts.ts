/** The overview, problems, lines of buckets, and what is small and stands everywhere. */
export const PARTS = `.overview{display:grid;grid-template-columns:auto minmax(0,1fr);gap:1.2rem clamp(1.2rem,4vw,2.6rem);align-items:center}
.score{position:relative;width:168px;height:168px;text-align:center;display:flex;flex-direction:column;justify-content:center}
.ring{position:absolute;inset:0;width:100%;height:100%;fill:none;stroke-width:9}
.ring .track{stroke:var(--raised)}
.ring .value{stroke:var(--accent)}
.score.good .value{stroke:var(--good-fill)}.score.warning .value{stroke:var(--warning-fill)}.score.critical .value{stroke:var(--critical-fill)}
.figure-big{line-height:1}
.figure-big .number{font-size:2.5rem;font-weight:700;letter-spacing:-.03em}
.figure-big .of{display:block;font-size:.82rem;color:var(--soft);margin-top:.25rem}
.score .label{font-size:.82rem;color:var(--soft)}
.sentence{font-size:clamp(1.15rem,2.4vw,1.45rem);line-height:1.35;font-weight:600;letter-spacing:-.01em;margin-bottom:1.1rem;text-wrap:balance}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:.9rem 1rem}
.card{border-left:3px solid var(--line);padding-left:.8rem}
.card dt{font-size:.84rem;color:var(--soft)}
.card .number{font-size:1.3rem;font-weight:650;white-space:nowrap}
.card .detail{display:block;font-size:.82rem}
.number,.figure{font-variant-numeric:tabular-nums}
.formula{grid-column:1/-1;font-size:.92rem;color:var(--soft)}
.formula p{margin-top:.5rem;color:var(--ink);max-width:72ch}
summary{cursor:pointer}
.more>summary{color:var(--accent);padding:.35rem 0;width:fit-content}
.more{margin-top:.6rem}
.badge{display:inline-block;font-size:.76rem;font-weight:650;letter-spacing:.01em;line-height:1.5;padding:.05rem .55rem;border-radius:99px;background:var(--raised);color:var(--ink)}
.badge.critical{background:var(--critical-soft);color:var(--critical)}
.badge.warning{background:var(--warning-soft);color:var(--warning)}
.mark{font-weight:700;display:inline-block;min-width:1.1em;text-align:center}
.mark.good{color:var(--good)}.mark.warning{color:var(--warning)}.mark.critical{color:var(--critical)}.mark.untried{color:var(--soft)}
.bad-text{color:var(--critical)}
.note{color:var(--soft);max-width:72ch}
.note+:not(h3){margin-top:.8rem}
table+.note,.scroll+.note{margin-top:.7rem}
section>h3{margin-top:1.9rem;margin-bottom:.6rem}
section>h2+h3{margin-top:0}
section>p{max-width:76ch;margin-bottom:.8rem}
.problems{list-style:none;display:grid;grid-template-columns:minmax(0,1fr);gap:.8rem}
details>.problems{margin-top:.8rem}
.problem{border:1px solid var(--line);border-left:4px solid var(--warning-fill);border-radius:10px;padding:.9rem 1.1rem}
.problem.critical{border-left-color:var(--critical-fill)}
.problem caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);padding:0}
.problem table{margin-top:.2rem}
.check{display:inline-block}
.check::first-letter{text-transform:uppercase}
.problem .check{margin-inline:.25rem}
.problem .places{font-weight:400}
.problem .cure{margin:.35rem 0 .5rem}
.facts{display:grid;gap:.15rem 1rem;font-size:.94rem}
.facts div{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:.2rem 1rem}
.facts dt{color:var(--soft)}
.problem .facts div{grid-template-columns:5.5rem minmax(0,1fr)}
.group+.group{margin-top:1.6rem}
.group>h3{margin-bottom:.5rem}
.places{font-weight:400;font-size:.9rem}
.bucket-head,.bucket>summary{display:grid;grid-template-columns:minmax(0,1fr) 4rem 13rem 6rem;gap:0 1rem;align-items:center;padding:.5rem .7rem}
.bucket-head span:first-child{padding-left:1.3rem}
.bucket-head{font-size:.82rem;color:var(--soft);padding-block:.2rem;border-bottom:1px solid var(--line)}
.bucket-head span:nth-child(2),.bucket-head span:nth-child(4){text-align:right}
.bucket-head span:nth-child(3){text-align:right}
.bucket{border-bottom:1px solid var(--line);scroll-margin-top:1rem}
.bucket>summary{list-style:none}
.bucket>summary::-webkit-details-marker{display:none}
.bucket>summary:hover,.bucket[open]>summary{background:var(--raised)}
.bucket .who{display:flex;gap:.5rem}
.bucket .who::before{content:"▸";content:"▸" / "";color:var(--soft);transition:rotate .15s}
.bucket[open] .who::before{rotate:90deg}
.bucket .figure{text-align:right}
.bucket .stored{display:grid;grid-template-columns:1fr 5.2rem;gap:.6rem;align-items:center}
.bucket .stored>.figure:only-child{grid-column:2}
.score-warning{color:var(--warning);font-weight:650}.score-critical{color:var(--critical);font-weight:650}
.bucket .details{padding:.9rem .7rem 1.3rem;display:grid;grid-template-columns:minmax(0,1fr);gap:1rem}
.findings{list-style:none;display:grid;gap:.6rem}
.findings li{padding:.6rem .8rem;background:var(--page);border-radius:8px}
.findings .cure{display:block;margin-top:.2rem}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,280px),1fr));gap:1rem 2rem}
.tables:empty{display:none}
.suggestions{padding-left:1.2rem;display:grid;gap:.3rem}
.tools{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;margin-bottom:1rem;max-width:none}
.tools label{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center}
.tools .check-box{flex-wrap:nowrap}
.tools input[type=search],.tools button{font:inherit;font-size:.94rem;color:var(--ink);background:var(--page);border:1px solid var(--soft);border-radius:8px;padding:.3rem .7rem;max-width:100%}
.tools button{cursor:pointer}
.tools button:hover{background:var(--raised)}
.tools input[type=checkbox]{width:1.1rem;height:1.1rem;accent-color:var(--accent)}
.nothing{color:var(--soft)}
.nothing:empty{display:none}
.gaps{display:grid;gap:.7rem}
.gaps dt{font-weight:650}
.gaps dd{color:var(--soft)}
@media (max-width:700px){
.overview{grid-template-columns:minmax(0,1fr);justify-items:center;text-align:center}
.verdict,.formula{width:100%}
.cards{text-align:left;grid-template-columns:repeat(auto-fit,minmax(120px,1fr))}
.formula{text-align:left}
.bucket-head{display:none}
.bucket>summary{grid-template-columns:minmax(0,1fr) auto auto;gap:.2rem .9rem;padding-inline:.3rem}
.bucket .who{grid-column:1/-1}
.bucket .stored{grid-template-columns:minmax(0,1fr) auto}
.bucket>summary>.figure{font-size:.9rem}
.bucket>summary>.stored{font-size:.9rem;grid-column:1;grid-row:2}
.bucket>summary>.figure:nth-child(2){grid-column:2;grid-row:2}
.bucket>summary>.quota{grid-column:3;grid-row:2;min-width:2.6rem}
.facts div,.problem .facts div{grid-template-columns:minmax(0,1fr);gap:0}
.facts dt{font-size:.84rem}
.facts{gap:.45rem}
}`;
