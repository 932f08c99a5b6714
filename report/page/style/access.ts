const LIST = `.matrix,.matrix tbody,.matrix caption,.matrix td,.matrix th{display:block;width:auto;min-width:0}
.matrix thead,.matrix td:empty{display:none}
.matrix tr{display:block;padding:.7rem 0;border-bottom:1px solid var(--line)}
.matrix tr[hidden]{display:none}
.matrix td,.matrix th{border:0;padding:.12rem 0;text-align:left}
.matrix tbody th{position:static;max-width:none;font-weight:650}
.matrix td{padding-left:.9rem;white-space:normal}
.matrix .in{display:inline;font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}
.matrix .right{display:inline;margin-left:.5rem;padding-inline:0}
.legend .letter{display:none}
.matrix .right b{display:none}
.matrix .right i{position:static;width:auto;height:auto;clip-path:none;white-space:normal}`;

/** Who may do what: a matrix where there is room for one, else a list an identity. */
export const ACCESS = `.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-bottom:1rem;font-size:.9rem;color:var(--soft)}
.letter b{color:var(--ink);font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace}
.matrix-group{border-top:1px solid var(--line);padding-top:.7rem}
.matrix-group+.matrix-group{margin-top:.7rem}
.matrix-group>summary h3{display:inline;margin:0}
.matrix-group>.scroll{margin-top:.7rem}
.matrix{width:auto}
.matrix td,.matrix th{min-width:0;padding:.3rem .45rem;border-bottom:1px solid var(--line)}
.matrix tbody th{position:sticky;left:0;background:var(--surface);padding-left:0;min-width:11rem;max-width:17rem;z-index:1}
.matrix td{text-align:center;white-space:nowrap}
.matrix tbody tr:hover td,.matrix tbody tr:hover th{background:var(--raised)}
.matrix .turned{height:1px;vertical-align:bottom;padding-bottom:.5rem}
.matrix .turned>span{writing-mode:vertical-rl;rotate:180deg;display:inline-block;max-height:15rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:left}
.right i{font-style:normal}
.matrix .in{display:none}
.matrix .right i{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.right{display:flex;justify-content:center;position:relative;font-size:.88rem;line-height:1.45}
.right b{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;letter-spacing:-.02em;font-weight:600}
.right::after{font-weight:700;margin-left:.3em;order:1}
.right sup{order:2;line-height:1;font-size:.72em;color:var(--soft)}
.right s{color:var(--soft);text-decoration:none;font-weight:400}
.right.good::after{content:"✓";content:"✓" / ", tries agreed";color:var(--good)}
.right.critical::after{content:"✗";content:"✗" / ", tries disagreed";color:var(--critical)}
.right.untried::after{content:"○";content:"○" / ", not tried";color:var(--soft)}
.right.critical{background:var(--critical-soft);border-radius:6px;padding-inline:.3rem}
.kind{display:block;font-size:.8rem;font-weight:400}
.notes{font-size:.88rem;color:var(--soft);padding-left:1.6rem;margin-top:.6rem}
@media (max-width:759px){${LIST}}
@media print{${LIST}}`;
