// Ctrl+Up and Ctrl+Down: the weight of the marked words, or of the word at the caret: (word:1.1).
const STEP = 0.1;
const LEAST = 0;
const MOST = 2;
const WEIGHTED = /^\((.*):(-?\d*\.?\d+)\)$/s;

export function changeWeight(box, direction) {
  const [start, end] = weighted(box) ?? words(box);
  const text = box.value.slice(start, end);
  if (!text.trim()) return;
  const [, inner, weight] = text.match(WEIGHTED) ?? [null, text, "1"];
  const next = Math.min(MOST, Math.max(LEAST, Math.round((Number(weight) + direction * STEP) * 10) / 10));
  const changed = next === 1 ? inner : `(${inner}:${next})`;
  box.setRangeText(changed, start, end, "select");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// The bracket with a weight around the selection, if there is one.
function weighted(box) {
  const { value, selectionStart, selectionEnd } = box;
  for (const found of value.matchAll(/\([^()]*:-?\d*\.?\d+\)/g)) {
    const end = found.index + found[0].length;
    if (found.index <= selectionStart && selectionEnd <= end) return [found.index, end];
  }
  return null;
}

// The selection without the blanks at its ends; without a selection the tag at the caret.
function words(box) {
  let { selectionStart: start, selectionEnd: end } = box;
  const { value } = box;
  if (start === end) {
    while (start > 0 && !/[,，、。\s()[\]{}|]/.test(value[start - 1])) start -= 1;
    while (end < value.length && !/[,，、。\s()[\]{}|]/.test(value[end])) end += 1;
  }
  while (start < end && /\s/.test(value[start])) start += 1;
  while (end > start && /\s/.test(value[end - 1])) end -= 1;
  return [start, end];
}
