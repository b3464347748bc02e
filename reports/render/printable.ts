/**
 * Text that may come from the target (endpoint names, errors, paths) made safe to look at in any medium: control
 * characters, which end a terminal's line or start its commands, and signs that reverse the direction of reading become
 * visible as ⟨U+…⟩; tabs and line ends become one space. Escaping for HTML or Markdown comes after it.
 */
export function printable(text: string): string {
  return text
    .replace(/[\t\n\r\u0085\u2028\u2029]+/g, ' ')
    .toWellFormed()
    .replace(
      unprintable,
      (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    );
}

/** C0 and C1 controls, direction marks, overrides and isolates, zero-width and byte-order marks, non-characters. */
const unprintable =
  // oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]/g;
