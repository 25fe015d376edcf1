"""How report pages look, on dark and on light."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1d22; --quiet: #5a606b; --line: #d5d8de; --panel: #f4f5f8;
  --c0: #0b62c4; --c1: #b34700; --c2: #0a7d4f; --c3: #8a2fb0; --c4: #6b6b00;
  --missed: #c11533; --wrong-pose: #9a5b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171b; --text: #e8eaee; --quiet: #a3a9b5; --line: #383c45; --panel: #1e2127;
    --c0: #6cb2ff; --c1: #ff9d5c; --c2: #4fd39a; --c3: #d59bf2; --c4: #d8d25a;
    --missed: #ff7088; --wrong-pose: #f5b04a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 3rem) 4rem; max-width: 90rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 0.3rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; overflow-wrap: anywhere; }
p.note { margin: 0 0 0.6rem; color: var(--quiet); max-width: 75ch; }
a { color: var(--c0); }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.8rem; border-bottom: 1px solid var(--line); text-align: right; }
th { vertical-align: bottom; font-weight: 600; }
th:first-child, td:first-child, td.words, th.words { text-align: left; }
td:first-child { white-space: nowrap; }
td.words { min-width: 22rem; color: var(--quiet); }
.charts { display: grid; gap: 1.2rem; margin-top: 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); }
figure { margin: 0; padding: 0.8rem; background: var(--panel); border-radius: 0.5rem; }
figcaption { font-weight: 600; }
svg { width: 100%; height: auto; fill: currentColor; font-size: 15px; }
svg .grid { stroke: var(--line); }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .label { fill: var(--quiet); }
svg polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
svg .c0 { stroke: var(--c0); } svg .c1 { stroke: var(--c1); } svg .c2 { stroke: var(--c2); }
svg .c3 { stroke: var(--c3); } svg .c4 { stroke: var(--c4); }
svg circle { stroke-width: 2.5; fill: var(--panel); }
.legend { list-style: none; margin: 0.3rem 0 0; padding: 0;
  display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; }
.swatch { display: inline-block; width: 1.4em; height: 0.25em; margin-right: 0.5em; vertical-align: middle; }
.swatch.mark { width: 0.8em; height: 0.8em; border-radius: 50%; }
.swatch.c0 { background: var(--c0); } .swatch.c1 { background: var(--c1); }
.swatch.c2 { background: var(--c2); } .swatch.c3 { background: var(--c3); }
.swatch.c4 { background: var(--c4); }
article > img { max-width: 100%; height: auto; display: block; border-radius: 0.4rem; }
.people { list-style: none; padding: 0; display: grid; gap: 0.8rem;
  grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr)); }
.people li { display: flex; gap: 0.8rem; background: var(--panel); border-radius: 0.4rem; padding: 0.5rem; }
.people p { margin: 0; }
.people img { width: 10rem; height: 10rem; flex: none; border-radius: 0.3rem; }
.people b { color: var(--missed); }
.people li.wrong-pose b { color: var(--wrong-pose); }
@media print { article, figure, table { break-inside: avoid; } }
"""
