/** On paper all is open, nothing is cut, and what is only for hands is gone. */
export const PAPER = `@media print{
@page{margin:14mm 13mm}
body{font-size:8.5pt;line-height:1.4}
nav,.skip,.tools,.nothing,.bucket .who::before{display:none!important}
header,.columns,footer{max-width:none;padding-inline:0}
header{padding-top:0}
.columns,main{display:block}
main>section{border:0;border-top:1px solid var(--line);border-radius:0;padding:5mm 0}
details::details-content{display:block;content-visibility:visible;block-size:auto}
.more>summary{display:none}
.scroll{overflow:visible}
thead{display:table-header-group;break-after:avoid}
tr,.problem,.bucket>summary,figure,.card,.findings li{break-inside:avoid}
h2,h3,caption,summary{break-after:avoid}
table{font-size:7.5pt}
th,td{min-width:0!important}
th:not(.figure),td:not(.figure){min-width:17mm!important;overflow-wrap:anywhere}
.tables>*,.bucket .facts{break-inside:avoid}
.details>:first-child,.group>summary+*{break-before:avoid}
.tables{display:grid;grid-template-columns:1fr 1fr;gap:3mm 8mm;align-items:start}
.tables>:nth-child(2):not(:last-child){grid-row:span 2}
.bucket .facts{display:grid;grid-template-columns:1fr 1fr;column-gap:8mm}
.bucket .facts div{grid-template-columns:25mm minmax(0,1fr)}
.cards{grid-template-columns:repeat(auto-fit,minmax(30mm,1fr))}
.overview{grid-template-columns:auto minmax(0,1fr);text-align:left;justify-items:stretch}
.score{width:36mm;height:36mm}
.plots{grid-template-columns:1fr 1fr}
.matrix tbody{columns:2;column-gap:8mm}
.drawing .wide{display:block}
.bar,.ring,.badge,.right,.plot,.mark{print-color-adjust:exact;-webkit-print-color-adjust:exact}
a{color:inherit;text-decoration:none}
}`;
