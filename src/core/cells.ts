/** How wide text stands on a terminal. */

const PLAIN = /^[ -~]*$/;
const HAN = /[\u3001-\u3003\u3008-\u3011\u4e00-\u9fff\uff01-\uff60]/g;
const PLAIN_OR_HAN = new RegExp(`^(?:[ -~]|${HAN.source})*$`);
// East Asian Width “wide” and “full” without the emoji, with the gaps between their blocks closed.
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u268a-\u268f\u2630-\u2637\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18df2}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}(?:\ufe0f|\u20e3|\p{Emoji_Modifier}))/u;
const UNSEEN = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Mn}\p{Me}\p{Surrogate}]*$/u;

let graphemes: Intl.Segmenter | undefined;

/** Display cells: a Han character takes two. Plain and Chinese text, most of what there is, needs no look at Unicode. */
export function cells(text: string): number {
  if (PLAIN.test(text)) return text.length;
  if (PLAIN_OR_HAN.test(text)) return text.length + (text.match(HAN)?.length ?? 0);
  graphemes ??= new Intl.Segmenter();
  let total = 0;
  for (const { segment } of graphemes.segment(text)) total += graphemeCells(segment);
  return total;
}

function graphemeCells(grapheme: string): number {
  if (UNSEEN.test(grapheme)) return 0;
  return WIDE.test(grapheme) || EMOJI.test(grapheme) ? 2 : 1;
}
