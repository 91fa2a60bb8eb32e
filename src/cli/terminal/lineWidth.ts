/** Colours and the like: they take no room on the terminal. */
const START = "\x1b[";
const ESCAPE = new RegExp(`${START.replace("[", "\\[")}[0-9;]*[A-Za-z]`, "g");
const RESET = `${START}0m`;

/** Columns that the line takes; every character we draw is one column wide. */
export function widthOf(line: string): number {
  return [...line.replace(ESCAPE, "")].length;
}

/** The line itself, or as much of it as fits, ending in an ellipsis. Colours are kept, and closed where the line is cut. */
export function cutTo(line: string, columns: number, ellipsis: string): string {
  if (widthOf(line) <= columns) return line;
  let room = Math.max(0, columns - widthOf(ellipsis));
  let kept = "";
  let end = 0;
  for (const code of [...line.matchAll(ESCAPE), undefined]) {
    const text = [...line.slice(end, code?.index)];
    kept += text.slice(0, room).join("");
    if (text.length > room) break;
    room -= text.length;
    kept += code?.[0] ?? "";
    end = (code?.index ?? line.length) + (code?.[0].length ?? 0);
  }
  return `${kept}${kept.includes(START) ? RESET : ""}${ellipsis.slice(0, columns)}`;
}
