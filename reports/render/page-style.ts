import { palette } from '../charts/theme.ts';

/**
 * The page's style: ruled like an instrument's plate, no cards, no shadows. Light and dark follow the reader's system
 * unless `data-theme` on the root or the switch in the head of the page (radio buttons, no script) says otherwise.
 */
export function pageStyle(): string {
  return `
:root{${variables('light')}color-scheme:light}
@media (prefers-color-scheme:dark){:root{${variables('dark')}color-scheme:dark}}
:root[data-theme=light],:root:has(#theme-light:checked){${variables('light')}color-scheme:light}
:root[data-theme=dark],:root:has(#theme-dark:checked){${variables('dark')}color-scheme:dark}
${rules}
@media print{:root,:root[data-theme],:root:has(:checked){${variables('light')}color-scheme:light}
.themes,nav,.skip,.flame-tools,.flame-help,.flame-status{display:none}details::details-content{content-visibility:visible;display:block}
figure,.finding,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}html{font-size:11px}body{font-size:9pt}.page{max-width:none;padding:0}h2{margin-top:1.4rem;padding-top:.5rem}th,td{padding:.14rem .9rem .14rem 0}.facts{grid-template-columns:repeat(3,minmax(0,1fr))}main{max-width:none}}
@page{margin:14mm}
`;
}

function variables(theme: 'light' | 'dark'): string {
  return Object.entries(palette[theme])
    .map(([name, value]) => `--${name}:${value};`)
    .join('');
}

const rules = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
.page{max-width:73rem;margin:0 auto;padding:1.25rem 1.5rem 4rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
a{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible,.scroll:focus-visible,input:focus-visible+span{outline:2px solid var(--accent);outline-offset:2px}
.plate{display:flex;align-items:center;gap:.6rem;color:var(--soft);font-size:.8rem;border-bottom:1px solid var(--rule);padding-bottom:.75rem}
.plate .name{font-weight:650;color:var(--ink);letter-spacing:.02em}
.plate svg{width:2.1rem;height:1.25rem;color:var(--ink);flex:none}
.themes{margin:0 0 0 auto;border:0;padding:0;display:flex;gap:.1rem}
.themes label{cursor:pointer}
.themes input{position:absolute;opacity:0;pointer-events:none}
.themes span{padding:.15rem .45rem;border-radius:3px}
.themes input:checked+span{background:var(--panel);color:var(--ink)}
h1{font-size:1.6rem;line-height:1.25;font-weight:650;margin:1.4rem 0 .15rem;letter-spacing:-.01em;overflow-wrap:anywhere}
.subtitle{color:var(--soft);margin:0 0 1.4rem;overflow-wrap:anywhere}
.verdict{border-top:4px solid var(--tone);background:var(--panel);padding:1.1rem 1.25rem 1.25rem;margin-bottom:1.25rem}
.verdict.pass{--tone:var(--good);--tonePanel:var(--goodPanel)}
.verdict.fail{--tone:var(--bad);--tonePanel:var(--badPanel)}
.verdict.inconclusive{--tone:var(--warning);--tonePanel:var(--warningPanel)}
.verdict .says{margin:0;font-size:1.15rem;line-height:1.4;display:flex;flex-wrap:wrap;gap:.2rem .75rem;align-items:baseline}
.verdict .status{color:var(--tone);background:var(--tonePanel);outline:1px solid var(--tone);font-weight:700;letter-spacing:.08em;font-size:1rem;padding:.05rem .6rem;border-radius:2px}
.facts{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1.15rem 2rem;margin:1.1rem 0 0}
.facts div{border-top:1px solid color-mix(in srgb,var(--ink) 22%,transparent);padding-top:.5rem;min-width:0}
.facts dt{color:var(--soft);font-size:.8rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.facts .value{font-size:1.05rem;font-weight:600;line-height:1.35}
.facts .large .value{font-size:1.75rem;font-weight:650;line-height:1.25;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.facts .note{color:var(--soft);font-size:.87rem;line-height:1.45;margin-top:.15rem}
.facts .span{grid-column:span 2}.facts .span:last-child{grid-column:1/-1}
nav{font-size:.87rem;margin:0 0 1.6rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.15rem;margin:0;padding:0}
h2{font-size:1.2rem;font-weight:650;margin:2.6rem 0 .7rem;padding-top:.8rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;font-weight:650;margin:1.6rem 0 .4rem}
.flag{white-space:nowrap}
p.text{margin:.45rem 0;max-width:75ch;overflow-wrap:anywhere}
.good{color:var(--good)}.warning{color:var(--warning)}.bad{color:var(--bad)}.muted{color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.6rem 2.5rem;margin:1.2rem 0}
figure{margin:0;min-width:0}
figure.wide{grid-column:1/-1}
figcaption{margin-bottom:.6rem}
figcaption strong{font-weight:650}
figcaption span{display:block;color:var(--soft);font-size:.85rem;line-height:1.4;max-width:90ch}
figure svg{display:block;width:100%;height:auto;overflow:visible}
.narrow{display:none}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--soft);font-size:.85rem}
details.block>summary{font-size:.95rem;color:var(--ink);padding:.2rem 0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.2rem 0 .9rem;position:relative}
table{border-collapse:collapse;font-size:.87rem;line-height:1.35;font-variant-numeric:tabular-nums}
table.list{width:100%}
.caption{color:var(--soft);font-size:.85rem;margin:1.1rem 0 .3rem;max-width:90ch;overflow-wrap:anywhere}
details .caption{margin-top:.5rem}
th,td{padding:.3rem 1.1rem .3rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--grid)}
thead th{color:var(--soft);font-weight:500;vertical-align:bottom;border-bottom:1px solid var(--rule);white-space:nowrap}
tbody th{font-weight:500}
.list tbody th{color:var(--soft);width:14rem;white-space:normal}
.list td{overflow-wrap:anywhere;white-space:normal}
.free{overflow-wrap:break-word;white-space:normal;min-width:10rem}
.right{text-align:right;white-space:nowrap}
td small{display:block;color:var(--soft);font-size:.92em}
td.good,td.bad,td.warning{font-weight:600}
td small{font-weight:400}
.finding{border-left:3px solid var(--tone);padding:.1rem 0 .1rem 1rem;margin:1.1rem 0;max-width:80ch}
.finding.critical{--tone:var(--bad)}.finding.warning{--tone:var(--warning);color:inherit}.finding.info{--tone:var(--rule)}
.finding h3{margin:0}
.finding .kind{color:var(--soft);font-size:.85rem;margin:0}
.finding ul{margin:.4rem 0;padding-left:1.1rem}
.finding li{overflow-wrap:anywhere}
.finding .advice{margin:.4rem 0 0}
footer{margin-top:3rem;border-top:1px solid var(--rule);padding-top:.75rem;color:var(--soft);font-size:.8rem}
.flame{margin:1.2rem 0}
.flame-tools{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;font-size:.85rem;margin:.6rem 0}
.flame-tools[hidden],.flame-tools [hidden]{display:none}
.flame select,.flame input[type=search],.flame button{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--rule);border-radius:3px;padding:.2rem .45rem;max-width:100%}
.flame button{cursor:pointer}.flame button:disabled{color:var(--soft);cursor:default}
.flame-matches{color:var(--soft)}
.flame :focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.flame-key ul{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.4rem 0;padding:0;font-size:.8rem;color:var(--soft)}
.flame-key[data-compared=no] .compared,.flame-key[data-compared=yes] .plain{display:none}
.flame-key i{display:inline-block;width:.85rem;height:.85rem;margin-right:.35rem;vertical-align:-.1rem;outline:1px solid var(--rule);print-color-adjust:exact}
.flame-graph{position:relative;overflow:hidden;min-height:20px}
.frame{position:absolute;height:19px;line-height:19px;font-size:12px;padding-left:3px;overflow:hidden;white-space:nowrap;text-overflow:clip;cursor:pointer;box-shadow:inset -1px 0 var(--paper);color:var(--ink);forced-color-adjust:none;print-color-adjust:exact}
.frame:empty{padding:0}
.frame.root,.flame-key .root{background:var(--panel)}
.origin0{background:var(--flameOwn)}.origin1{background:var(--flameLibrary)}.origin2{background:var(--flameStandard)}.origin3{background:var(--flameRuntime)}.rest{background:var(--flameRest)}
.less-than-half{background:var(--changeLessThanHalf)}.less{background:var(--changeLess)}.same{background:var(--changeSame)}.more{background:var(--changeMore)}.more-than-double{background:var(--changeMoreThanDouble)}
.frame.found{background:var(--ink);color:var(--paper);font-weight:600}
.flame-graph:focus .frame.active{outline:2px solid var(--ink);outline-offset:-2px;z-index:1}
.flame-graph:focus .frame.found.active{outline-color:var(--paper)}
.flame-status{position:sticky;bottom:0;z-index:2;background:var(--paper);margin:0;padding:.35rem 0;font-size:.85rem;min-height:2.6em;overflow-wrap:anywhere}
.flame-help{margin:.2rem 0;font-size:.8rem;color:var(--soft);max-width:100ch}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:52rem){
.page{padding:1rem 1rem 3rem}
.facts{grid-template-columns:minmax(0,1fr)}.facts .span,.facts .span:last-child{grid-column:auto}
.charts{grid-template-columns:minmax(0,1fr)}
.roomy,.plate .about{display:none}.narrow{display:block}
h1{font-size:1.35rem}
.list tbody th{width:8rem}
th,td{padding-right:.7rem}
}
`;
