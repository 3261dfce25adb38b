/**
 * How wide a text is, before any browser sees it: the advances of DejaVu Sans (thousandths of the font size, U+0020 to
 * U+007E, as Chromium measures them). It is the widest of the usual sans-serif fonts, so where a reader's
 * browser takes another of the list, texts are narrower than the boxes around them and never cut.
 */
export const fontFamily = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif";

// biome-ignore format: a table
const regular = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
  575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
  278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
// biome-ignore format: a table
const bold = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
  696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
  683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
  724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
  343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/** For what is not in the table: as wide as the widest letters. */
const widest = 1000;

export function textWidth(text: string, fontSize: number, weight: 'regular' | 'bold' = 'regular'): number {
  const advances = weight === 'bold' ? bold : regular;
  let thousandths = 0;
  for (const character of text) thousandths += advances[(character.codePointAt(0) ?? 0) - 32] ?? widest;
  return (thousandths * fontSize) / 1000;
}
