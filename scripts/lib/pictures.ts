import { readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Pty, start } from '../../test/helpers/programs/pty.ts';
import { readScreen, type Screen, textOf } from './cells.ts';
import { drawPicture, drawRecording, type Frame } from './picture.ts';
import { type Stage, setStage } from './stage.ts';

const size = { columns: 120, rows: 36 };
const small = { columns: 80, rows: 24 };
/** Seconds that each item's agent works: two end early, so that something can land while four are running. */
const seconds = { 'US-041': 5, 'US-042': 10, 'US-043': 26, 'US-044': 28, 'US-045': 14, 'US-046': 16 };
const settledMs = 250;
const mostSettlingMs = 2000;
const limits: Readonly<Record<string, number>> = { 'recording.svg': 400_000 };
const usualLimit = 100_000;

/**
 * Runs the program on the sample repository as a person would, takes pictures of its screen and writes them into `folder`.
 * Returns one line per picture. The machine readings in them are real: a machine too busy for four agents fails.
 */
export async function takePictures(program: string, folder: string): Promise<readonly string[]> {
  const stage = await setStage(seconds);
  const pty = start(process.execPath, [program], { ...size, cwd: stage.repo, env: stage.env });
  try {
    const album = new Album(pty);
    await play(pty, album, stage);
    const timeline = join(stage.folder, 'timeline.svg');
    await stage.run(program, 'timeline', '--svg', timeline);
    const report = { name: 'timeline.svg', document: readFileSync(timeline, 'utf8'), text: '' };
    return [...album.documents(), report].map(picture => publish(folder, picture, stage));
  } finally {
    // Agents that still work end with the program that is leak to stop them.
    pty.press('q');
    await pty.waitForText('Quit').then(
      () => pty.press('s'),
      () => undefined,
    );
    await Promise.race([pty.exited, new Promise(resolve => setTimeout(resolve, 5000))]);
    await pty.dispose();
    stage.remove();
  }
}

/** From the first screen to the last landing, with pictures on the way. */
async function play(pty: Pty, album: Album, stage: Stage): Promise<void> {
  await pty.waitForText(/US-046/);
  await pty.waitForText(/capacity 4/).catch((cause: unknown) => {
    throw new Error('This machine is too busy for four agents. Take the pictures when it is quiet.', { cause });
  });
  await album.frame(2.5, 'cm-tui in a repository with a ROADMAP');
  pty.press('S');
  await pty.waitForText(/4\/4 running/);
  await album.frame(1.5, 'S: the work loop starts every item that can run safely');
  await pty.waitForText(/Edit src/);
  await album.frame(1.5, 'each agent works in its own worktree');
  await pty.waitForText(/US-041 . to approve/);
  await pty.waitForText(/US-046 . running/);
  await stage.editByHand();
  await pty.waitForText(/US-041 +. clean/);
  await album.frame(2, 'US-041 has finished; US-046 has taken its slot');
  pty.press('m');
  await pty.waitForText(/Land US-041/);
  await album.picture('approval.svg', 'What US-041 would change, before approval');
  await album.frame(2.5, 'm: review what would land');
  pty.press('y');
  await pty.waitForText(/US-041 . landed/);
  await pty.waitForText(/US-045 . running/);
  await album.frame(2, 'y: US-041 has landed, and US-045, which depends on it, has started');
  await pty.waitForText(/US-042 +. clean/);
  await pty.waitForText(/4\/4 running/);
  await pty.waitForText(/US-045[\s\S]*Read src\/order.js/);
  await album.picture('overview.svg', 'Four agents at work, one branch to approve, one landed');
  await album.frame(2, 'four agents at work, one branch to approve, one landed');
  await showViews(pty, album);
  await pty.waitForText(/US-045 . to approve/);
  await pty.waitForText(/US-046 . conflict/);
  await pty.waitForText(/US-043 +. clean/);
  await pty.waitForText(/US-044 +. clean/);
  await album.frame(2.5, 'US-046 conflicts with a manual commit, so it is held back');
  pty.press('M');
  await pty.waitForText(/Land \d+ branches/);
  await album.frame(2, 'M: land every branch that is clean');
  pty.press('y');
  await pty.waitForText(/5\/6 landed/);
  await album.frame(2.5, 'five have landed');
  pty.press('t');
  await pty.waitForText(/Critical path/);
  await album.frame(3.5, 't: what happened when, and how much faster it was');
}

/** Views that are opened and closed again while the agents work. */
async function showViews(pty: Pty, album: Album): Promise<void> {
  const view = async (keys: string, shows: RegExp, name: string, title: string) => {
    for (const key of keys) pty.press(key);
    await pty.waitForText(shows);
    await album.picture(name, title);
    pty.press('\u001b');
    await pty.waitForText(/s spawn/);
  };
  pty.resize(small.columns, small.rows);
  await pty.waitFor(rows => rows.length === small.rows && (rows.at(-1) ?? '').includes('q quit'), 'the small screen');
  await album.picture('narrow.svg', 'The same at 80 × 24');
  pty.resize(size.columns, size.rows);
  await pty.waitFor(rows => rows.length === size.rows && (rows.at(-1) ?? '').includes('q quit'), 'the large screen');
  await view('gjd', /\+\+\+ b\/test\/catalog/, 'diff.svg', 'What the branch of US-042 changes');
  await view('l', /Search the catalog[\s\S]*is done/, 'log.svg', 'The log of US-042');
  await view('?', /Keys/, 'help.svg', 'All keys');
}

/** A finished picture, and the text it contains. */
interface Picture {
  readonly name: string;
  readonly document: string;
  readonly text: string;
}

/** Takes pictures of a terminal, and the frames of the recording. */
class Album {
  readonly #pty: Pty;
  readonly #pictures: { name: string; title: string; screen: Screen }[] = [];
  readonly #frames: Frame[] = [];

  constructor(pty: Pty) {
    this.#pty = pty;
  }

  async picture(name: string, title: string): Promise<void> {
    this.#pictures.push({ name, title, screen: await this.#settled() });
  }

  async frame(lasts: number, caption: string): Promise<void> {
    this.#frames.push({ lasts, caption, screen: await this.#settled() });
  }

  documents(): readonly Picture[] {
    const title = 'cm-tui, from the ROADMAP to the last landing';
    const text = this.#frames.map(frame => wordsOf(frame.screen)).join('\n');
    return [
      ...this.#pictures.map(one => ({
        name: one.name,
        document: drawPicture(one.screen, one.title),
        text: wordsOf(one.screen),
      })),
      { name: 'recording.svg', document: drawRecording(this.#frames, title), text },
    ];
  }

  /** The screen once it has not changed for a moment; agents that write all the time do not delay it for long. */
  async #settled(): Promise<Screen> {
    const until = performance.now() + mostSettlingMs;
    let before = '';
    for (;;) {
      const now = (await this.#pty.screen()).join('\n');
      if (now === before || performance.now() > until) return readScreen(this.#pty.emulator);
      before = now;
      await new Promise(resolve => setTimeout(resolve, settledMs));
    }
  }
}

function wordsOf({ rows }: Screen): string {
  return rows.map(textOf).join('\n');
}

/** Writes a picture unless it is too large or shows something about this machine. */
function publish(folder: string, { name, document, text }: Picture, stage: Stage): string {
  const secrets = [stage.folder, homedir(), `/${userInfo().username}/`, hostname()].filter(secret => secret.length > 4);
  const leak = secrets.find(secret => document.includes(secret) || text.includes(secret));
  if (leak !== undefined) throw new Error(`${name} would show "${leak}", which is specific to this machine.`);
  const most = limits[name] ?? usualLimit;
  if (document.length > most) throw new Error(`${name} has ${document.length} bytes, ${most} are allowed.`);
  writeFileSync(join(folder, name), document);
  return `${name}: ${Math.round(document.length / 1000)} kB`;
}
