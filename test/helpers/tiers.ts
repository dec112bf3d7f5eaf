/**
 * True in the long programme (`npm run test:long`), which tries everything. A plain run leaves out what takes long where something quicker
 * shows the same, so that it is run before every commit.
 */
export const isLong = process.env.CM_TUI_TESTS === 'long';
