import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import { landings } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

/** Asks for a passphrase on the terminal that it is told of, and knows it from then on, as gpg with its agent does. */
const signer = `#!/bin/sh
unlocked="$0.unlocked"
if [ ! -e "$unlocked" ]; then
  if [ -z "$GPG_TTY" ]; then echo 'gpg: signing failed: Inappropriate ioctl for device' >&2; exit 2; fi
  printf 'Passphrase: ' > "$GPG_TTY"
  read -r words < "$GPG_TTY"
  if [ "$words" != 'open sesame' ]; then echo 'gpg: signing failed: Bad passphrase' >&2; exit 2; fi
  touch "$unlocked"
fi
cat > /dev/null
echo '-----BEGIN PGP SIGNATURE-----'
echo 'c2lnbmVk'
echo '-----END PGP SIGNATURE-----'
printf '\\n[GNUPG:] SIG_CREATED D 1 8 00 1 X\\n' >&2
`;

it.each([
  ['names it itself', '/dev/tty'],
  ['does not name it', ''],
])(
  'a signer that needs the terminal gets it by a key where the user %s, and what it had stopped lands',
  async (_, GPG_TTY) => {
    const one = temporaryProduct({
      settings: { checkEarly: false },
      agent: 'mkdir -p out; echo work > out/a.txt; git add -A; git commit -q --no-gpg-sign -m Work',
    });
    const program = join(one.base, 'signer.sh');
    one.write(program, signer);
    chmodSync(program, 0o755);
    one.git('config', 'commit.gpgSign', 'true');
    one.git('config', 'gpg.program', program);
    const terminal = onTerminal(one, { variables: { GPG_TTY } });
    await terminal.waitForText('▸US-041 ○ ready');
    terminal.press('B');
    await terminal.waitForText('No landing waits for a signature.');
    terminal.press('s');
    await terminal.waitForText('1 ready for review');
    terminal.press('m');
    await terminal.waitForText('Land US-041 on roadmap?');
    terminal.press('y');
    await terminal.waitForText('The commit could not be signed');
    expect(landings(one)).toEqual([]);

    terminal.press('B');
    await terminal.waitForText('Passphrase: ');
    terminal.press('wrong\r');
    await terminal.waitForText('The signer ended with exit code');
    terminal.press('B');
    await terminal.waitForText('Passphrase: ');
    terminal.press('open sesame\r');
    await terminal.waitForText('US-041 ✓ landed');
    expect(landings(one)).toEqual(['Merge US-041 parallel execution']);
    expect(one.git('cat-file', 'commit', 'roadmap')).toContain('BEGIN PGP SIGNATURE');
  },
);
