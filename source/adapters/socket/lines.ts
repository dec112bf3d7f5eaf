const newline = 0x0a;

/** Cuts a stream of bytes into lines. Returns a function that takes chunks and says false once a line is longer than `limit()`. */
export function lineSplitter(limit: () => number, onLine: (line: string) => void): (chunk: Buffer) => boolean {
  let pieces: Buffer[] = [];
  let length = 0;
  return chunk => {
    for (let start = 0; start < chunk.length; ) {
      const stop = chunk.indexOf(newline, start);
      const piece = chunk.subarray(start, stop === -1 ? chunk.length : stop);
      length += piece.length;
      if (length > limit()) return false;
      pieces.push(piece);
      if (stop === -1) return true;
      const line = Buffer.concat(pieces, length).toString('utf8');
      pieces = [];
      length = 0;
      onLine(line);
      start = stop + 1;
    }
    return true;
  };
}
