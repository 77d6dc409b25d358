/** The report's look: one column of reading width, quiet surfaces, colour for classes only. No file beside the page. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --ink: #16202b; --quiet: #5a6675; --rule: #dfe3e8;
  --accent: #00618f; --accent-soft: #e3f0f7; --warning: #8a4b00; --warning-soft: #fdf1e0; --code: #eef1f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1419; --surface: #171e26; --ink: #e8edf2; --quiet: #9ba8b5; --rule: #2b353f;
    --accent: #6cc3ef; --accent-soft: #16303f; --warning: #f2b56b; --warning-soft: #33260f; --code: #0f161d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
main, header.top, footer { max-width: 1160px; margin: 0 auto; padding: 0 32px; }
header.top { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 16px; padding-top: 28px; color: var(--quiet); font-size: 14px; }
header.top strong { color: var(--ink); letter-spacing: .01em; }
h1 { font-size: clamp(28px, 3.4vw, 40px); line-height: 1.15; letter-spacing: -.02em; margin: 28px 0 12px; text-wrap: balance; }
h2 { font-size: 22px; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 6px; }
h3 { font-size: 15px; margin: 0 0 10px; }
p { margin: 0 0 12px; max-width: 72ch; }
p.lead { font-size: 19px; line-height: 1.5; color: var(--ink); max-width: 64ch; text-wrap: pretty; }
.quiet { color: var(--quiet); }
a { color: var(--accent); text-underline-offset: 2px; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
section { background: var(--surface); border: 1px solid var(--rule); border-radius: 14px; padding: 28px 30px; margin: 22px 0; }
section > p.quiet { margin-bottom: 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 16px; margin: 26px 0 8px; padding: 0; list-style: none; }
.tiles li { background: var(--surface); border: 1px solid var(--rule); border-radius: 14px; padding: 18px 20px; }
.tiles .figure { display: block; font-size: 34px; line-height: 1.1; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tiles .label { display: block; margin-top: 6px; color: var(--quiet); font-size: 14px; line-height: 1.4; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 8px; vertical-align: -1px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
caption { text-align: left; color: var(--quiet); font-size: 14px; padding-bottom: 8px; }
th, td { text-align: left; padding: 10px 16px 10px 0; border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
tr > :last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { white-space: nowrap; color: var(--quiet); font-weight: 550; font-size: 13px; }
tbody th { font-weight: 550; min-width: 9em; }
.number { text-align: right; padding-right: 36px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.meter { display: block; width: 100%; min-width: 120px; height: 8px; margin-top: 8px; border-radius: 4px; background: var(--rule); overflow: hidden; }
.meter > span { display: block; height: 100%; border-radius: 4px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 28px; }
.chart { display: block; width: 100%; height: auto; font-size: 12px; }
.chart text { fill: var(--quiet); font-variant-numeric: tabular-nums; }
.chart .axis-title { fill: var(--ink); font-size: 13px; }
.chart .grid { stroke: var(--rule); }
.chart .axis { stroke: var(--quiet); }
.chart .marker { stroke: var(--quiet); stroke-dasharray: 4 4; }
.chart .series { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.chart .series.faint { stroke-width: 1; opacity: .4; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 8px 0 0; padding: 0; font-size: 14px; color: var(--quiet); }
.legend .line { display: inline-block; width: 18px; height: 3px; border-radius: 2px; margin-right: 8px; vertical-align: 4px; }
.legend .line.faint { height: 1px; opacity: .5; }
.frames { display: grid; gap: 26px; }
.frame h3 { overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(230px, 100%), 1fr)); gap: 14px; }
figure { margin: 0; }
.charts > *, .frames > *, .steps > * { min-width: 0; }
figure a { display: block; }
figure img { display: block; width: 100%; height: auto; border-radius: 8px; border: 1px solid var(--rule); background: #000; }
figcaption { color: var(--quiet); font-size: 13px; margin-top: 6px; }
.notice { border-color: color-mix(in srgb, var(--warning) 35%, transparent); background: var(--warning-soft); }
.notice h2 { color: var(--warning); }
ol.steps { margin: 14px 0 0; padding: 0; list-style: none; display: grid; gap: 18px; }
ol.steps p { margin: 0 0 6px; }
pre { margin: 0; padding: 12px 14px; border-radius: 8px; background: var(--code); border: 1px solid var(--rule); white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 13.5px/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; }
.button { display: inline-block; padding: 9px 16px; border-radius: 8px; background: var(--accent-soft); text-decoration: none; font-weight: 550; margin-top: 16px; }
.button:hover { text-decoration: underline; }
footer { color: var(--quiet); font-size: 14px; padding-bottom: 40px; }
@media (max-width: 640px) { main, header.top, footer { padding-left: 16px; padding-right: 16px; } section { padding: 20px 18px; } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
`
