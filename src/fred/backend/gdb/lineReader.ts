/** Cuts a stream of text into lines; time and memory grow with the text, however long its lines are. */

export class LineReader {
  /** Of the line that has not ended. */
  #parts: string[] = [];
  #length = 0;

  /** Characters of the line that has not ended. */
  get pendingLength(): number {
    return this.#length;
  }

  /** The lines that `text` ends, without their "\n". */
  push(text: string): readonly string[] {
    const lines = text.split("\n");
    const rest = lines.pop() as string;
    if (lines.length > 0) {
      lines[0] = this.#parts.join("") + lines[0];
      this.#parts = [];
      this.#length = 0;
    }
    if (rest !== "") this.#parts.push(rest);
    this.#length += rest.length;
    return lines;
  }
}
