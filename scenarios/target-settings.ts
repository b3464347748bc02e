import type { Reasons } from './reasons.ts';

/** Values by the name that stands in `{{name}}`. */
export type Settings = Readonly<Record<string, string>>;

/** Names only: what else stands in double braces (a template of the service's own) is none of ours. */
const place = /\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g;

/** `{{name}}` in a word of the command or a value of the environment of a launched target becomes the setting's value. */
export function fillSettings(text: string, settings: Settings): string {
  return text.replaceAll(place, (whole, name: string) => settings[name] ?? whole);
}

/** The settings as a scenario writes them, numbers as texts. */
export const settingTexts = (settings: Readonly<Record<string, string | number>> = {}): Settings =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));

/** Each `{{name}}` is a setting, and each setting stands somewhere. */
export function checkSettings(texts: readonly string[], settings: Settings, reasons: Reasons): void {
  const used = new Set(texts.flatMap((text) => [...text.matchAll(place)].map(([, name = '']) => name)));
  for (const name of used)
    if (settings[name] === undefined)
      reasons.add(
        'target',
        `{{${name}}} is not among target.settings`,
        `write settings: { '${name}': '…' } beside launch`,
      );
  for (const name of Object.keys(settings))
    if (!used.has(name))
      reasons.add(
        `target.settings.${name}`,
        `{{${name}}} stands neither in launch nor in environment, so it sets nothing`,
        'write it where the service takes it, or leave it out',
      );
}
