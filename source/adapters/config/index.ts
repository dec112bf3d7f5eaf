/** Settings: read from all their places, changed in two of them. Libraries are loaded only when needed. */
export { keepAccepted, settingsChanges } from './accepted.ts';
export { deleteSetting, getSetting, type SettingsScope, setSetting, settingsFile } from './edit.ts';
export { type LoadedSettings, loadSettings } from './load.ts';
export { type Places, settingsPlaces } from './places.ts';
export { changeTimesOf, type SealedPlaces, sealsOf } from './seal.ts';
export { settingsStamp } from './stamp.ts';
export { acceptTracked } from './trust.ts';
