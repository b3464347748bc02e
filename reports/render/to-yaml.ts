/**
 * YAML in block style, as people write it, of an object that JSON could hold. Strings are quoted where they could be
 * read as something else: a string in the double quotes of JSON is one of YAML, too.
 */
export function toYaml(value: object): string {
  return `${linesOf(value).join('\n')}\n`;
}

function linesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return ['[]'];
    return value.flatMap((item: unknown) =>
      linesOf(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)),
    );
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return ['{}'];
    return entries.flatMap(([key, held]: [string, unknown]) => {
      const lines = linesOf(held);
      const [only = ''] = lines;
      const nested = typeof held === 'object' && held !== null && only !== '[]' && only !== '{}';
      return nested ? [`${textOf(key)}:`, ...lines.map((line) => `  ${line}`)] : [`${textOf(key)}: ${only}`];
    });
  }
  return [typeof value === 'string' ? textOf(value) : JSON.stringify(value)];
}

/** Words that begin with a letter and hold nothing with a meaning of its own are plain. */
function textOf(text: string): string {
  const plain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
