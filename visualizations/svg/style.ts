/** Colours of both themes: an `<img>` in a README follows the reader's system through `prefers-color-scheme`. */
import { labelSize, titleSize } from './boxes.ts';
import { fontFamily } from './text-width.ts';

const light = `
  --ground: #ffffff; --frame: #8a97a6; --text: #1d2733; --quiet: #52606d; --line: #7b8794; --failover: #b4410e;
  --runs: #1f6f4a; --depth0: #ffffff; --depth1: #f3f5f8; --depth2: #e7ecf2; --depth3: #f8fafc; --active: #ffe08a;`;
const dark = `
  --ground: #10161d; --frame: #66778a; --text: #e8edf2; --quiet: #a7b4c1; --line: #8595a6; --failover: #ffa36b;
  --runs: #6fd3a0; --depth0: #10161d; --depth1: #19222c; --depth2: #222e3a; --depth3: #17202a; --active: #453500;`;

/** `active` on a state, `taken` on a transition or a line: for whoever lights the picture up. */
export const style = `
svg { ${light} }
@media (prefers-color-scheme: dark) { svg { ${dark} } }
text { font-family: ${fontFamily}; font-size: ${labelSize}px; fill: var(--text); }
.ground { fill: var(--ground); }
.frame { stroke: var(--frame); stroke-width: 1.2; }
.inner { fill: none; stroke: var(--frame); stroke-width: 1; }
.depth0 { fill: var(--depth0); } .depth1 { fill: var(--depth1); }
.depth2 { fill: var(--depth2); } .depth3 { fill: var(--depth3); }
.title { font-size: ${titleSize}px; font-weight: bold; }
.anywhere { fill: none; stroke: var(--frame); stroke-dasharray: 3 3; }
.heading { font-weight: bold; fill: var(--quiet); }
.runs { fill: var(--runs); }
.trigger { fill: var(--text); } .guard { fill: var(--quiet); }
.failover .trigger, .failover .guard { fill: var(--failover); }
.hit { fill: transparent; }
.initial { fill: var(--text); stroke: var(--text); }
.edge path { fill: none; stroke: var(--line); stroke-width: 1.1; }
.edge.failover path { stroke: var(--failover); stroke-width: 1.5; }
.head { fill: var(--line); } .head.failover { fill: var(--failover); }
.state.active > .frame { fill: var(--active); stroke-width: 2.5; }
.transition.taken > .hit { fill: var(--active); }
.edge.taken path { stroke-width: 4; }
`.trim();
