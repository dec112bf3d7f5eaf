import { crc32 } from 'node:zlib';
import * as z from 'zod/mini';

/** Version of the records that this program writes. Any version keeps the frame: one line, `v` first, `crc` last. */
export const recordVersion = 1;

/** First line of every journal file; its `seq` is that of the last record before the file. */
export const headerType = 'journal-opened';
/** The one line of a snapshot file; its `seq` is that of the last event folded into it. */
export const snapshotType = 'snapshot';

/** A record of any kind: an event, a file's header, a snapshot. Fields as in the port's `JournalRecord`. */
export interface RawRecord {
  readonly v: number;
  readonly seq: number;
  readonly ts: string;
  readonly boot: string;
  readonly up: number;
  readonly type: string;
  readonly data: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** Version → function that makes the fields of a record of the next version out of one of this version. */
export type Migrations = Readonly<Record<number, (record: Fields) => Fields>>;

export type Decoded =
  | { readonly kind: 'record'; readonly record: RawRecord }
  /** A whole record of a version that this program cannot read. */
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'bad'; readonly why: string };

const envelope = z.object({
  v: z.int(),
  seq: z.int().check(z.nonnegative()),
  ts: z.string(),
  boot: z.string(),
  up: z.number(),
  type: z.string(),
  data: z.unknown(),
});

const suffixLength = ',"crc":"00000000"}'.length;
const suffixShape = /^,"crc":"[0-9a-f]{8}"\}$/;

/** One line, newline included, and the checksum in it: CRC-32 of the record's JSON without the field `crc`. */
export function encodeRecord(record: RawRecord): { readonly line: Buffer; readonly crc: string } {
  const { v, seq, ts, boot, up, type, data } = record;
  const body = JSON.stringify({ v, seq, ts, boot, up, type, data });
  const crc = hex(crc32(body));
  return { line: Buffer.from(`${body.slice(0, -1)},"crc":"${crc}"}\n`), crc };
}

/** Reads one line (without its newline). The checksum is taken over the bytes as they are, before anything parses them. */
export function decodeLine(line: Buffer, migrations: Migrations): Decoded {
  const cut = line.length - suffixLength;
  if (cut < 2) return { kind: 'bad', why: 'it is cut short' };
  const suffix = line.toString('latin1', cut);
  if (!suffixShape.test(suffix)) return { kind: 'bad', why: 'it does not end in a checksum' };
  const expected = suffix.slice(8, 16);
  if (hex(crc32('}', crc32(line.subarray(0, cut)))) !== expected) {
    return { kind: 'bad', why: 'its checksum does not match' };
  }
  return parseBody(line, migrations);
}

function parseBody(line: Buffer, migrations: Migrations): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { kind: 'bad', why: 'it is not JSON' };
  }
  const versioned = z.looseObject({ v: z.int() }).safeParse(value);
  if (!versioned.success) return { kind: 'bad', why: 'it has no version' };
  let record: Fields & { readonly v: number } = versioned.data;
  if (record.v > recordVersion) return { kind: 'version', version: record.v };
  while (record.v < recordVersion) {
    const step = migrations[record.v];
    if (step === undefined) return { kind: 'version', version: record.v };
    record = { ...step(record), v: record.v + 1 };
  }
  const shape = envelope.safeParse(record);
  return shape.success
    ? { kind: 'record', record: shape.data }
    : { kind: 'bad', why: 'a field is missing or of the wrong kind' };
}

function hex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}
