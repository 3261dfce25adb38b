/** Marks on a strip of time, one row a kind. The list beside it says the same in words. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import { type Kind, kindOf } from '../words/kinds.ts';

const rows: readonly Kind[] = ['election', 'publication', 'sync', 'fault'];
const rowHeight = 16;
const markWidth = 3;

const stripHeight = rows.length * rowHeight;

export function drawStrip(canvas: HTMLCanvasElement, lines: readonly TraceLine[], fromAt: number, toAt: number): void {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  if (width === 0) return;
  canvas.width = width * scale;
  canvas.height = stripHeight * scale;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  const colours = getComputedStyle(canvas);
  const xOf = (at: number) => ((at - fromAt) / Math.max(1, toAt - fromAt)) * (width - markWidth);
  for (const [row, kind] of rows.entries()) {
    context.fillStyle = colours.getPropertyValue('--line');
    context.fillRect(0, (row + 1) * rowHeight - 1, width, 1);
    context.fillStyle = colours.getPropertyValue(`--${kind}`);
    for (const line of lines) {
      if (line.at < fromAt || line.at > toAt || kindOf(line) !== kind) continue;
      context.fillRect(xOf(line.at), row * rowHeight + 3, markWidth, rowHeight - 6);
    }
  }
}
