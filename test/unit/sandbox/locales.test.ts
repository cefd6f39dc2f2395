import path from 'node:path';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxPool } from '../../../src/sandbox/pool.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = createSandboxPool({ workerPath: path.resolve(import.meta.dirname, '../../../dist/sandbox/worker.js') });
});
afterAll(() => sandbox.dispose());

const locales = ['en-US', 'en-GB', 'de-DE', 'fr-FR', 'es-MX', 'pt-BR', 'ja-JP', 'zh-CN', 'ko-KR', 'hi-IN', 'ar-EG', 'he-IL', 'ru-RU', 'tr-TR', 'sv-SE', 'pl-PL'];
const dates = [0, 951_782_400_000, 1_700_000_000_123, -86_400_000_000];

/** Expressions of a locale `l` that must mean the same in a script and in Node. */
const formats: Readonly<Record<string, string>> = {
  'numbers': '[0, -0, 1234567.891, -5e-7, 1e21, NaN, Infinity].map((n) => n.toLocaleString(l))',
  'BigInts': '(12345678901234567890n).toLocaleString(l)',
  'currencies': '["EUR", "JPY", "USD"].map((currency) => (1234.5).toLocaleString(l, { style: "currency", currency }))',
  'percentages and units': '[(0.256).toLocaleString(l, { style: "percent", maximumFractionDigits: 1 }), new Intl.NumberFormat(l, { style: "unit", unit: "kilometer-per-hour" }).format(50), new Intl.NumberFormat(l, { notation: "compact" }).format(1234567)]',
  'parts and ranges': '[new Intl.NumberFormat(l).formatToParts(-1234.5), new Intl.NumberFormat(l).formatRange(1, 5), new Intl.DateTimeFormat(l, { timeZone: "UTC" }).formatRangeToParts(0, 1e9)]',
  'dates': 'dates.map((d) => [new Date(d).toLocaleString(l, { timeZone: "UTC" }), new Date(d).toLocaleDateString(l, { timeZone: "UTC" }), new Date(d).toLocaleTimeString(l, { timeZone: "UTC" })])',
  'dates in styles': '["full", "long", "medium", "short"].map((style) => new Intl.DateTimeFormat(l, { dateStyle: style, timeStyle: style, timeZone: "UTC" }).format(new Date(dates[2])))',
  'dates elsewhere': '["Asia/Tokyo", "America/New_York", "Europe/Berlin"].map((timeZone) => new Date(dates[2]).toLocaleString(l, { timeZone, timeZoneName: "short" }))',
  'parts of dates': '[new Date(dates[1]).toLocaleDateString(l, { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" }), new Intl.DateTimeFormat(l, { timeZone: "UTC" }).formatToParts(dates[2])]',
  'relative times': '[[-1, "day"], [3, "hours"], [2, "weeks"]].map(([n, unit]) => new Intl.RelativeTimeFormat(l, { numeric: "auto" }).format(n, unit))',
  'lists and plurals': '[new Intl.ListFormat(l).format(["a", "b", "c"]), [0, 1, 2, 5, 21].map((n) => new Intl.PluralRules(l).select(n))]',
  'order': '["z", "ä", "Z", "a", "ö", "å", "ch", "c", "ı", "i"].sort(new Intl.Collator(l).compare)',
  'order by text': '["résumé", "resume", "Resume", "éa", "ea", "_", "-", "1", "10", "2"].sort((a, b) => a.localeCompare(b, l, { numeric: true }))',
  'names': '[new Intl.DisplayNames(l, { type: "region" }).of("DE"), new Intl.DisplayNames(l, { type: "language" }).of("fr")]',
  'locales': '[new Intl.Locale(l).maximize().toString(), new Intl.Locale(l, { calendar: "buddhist" }).calendar, new Intl.Locale(l).language, Intl.NumberFormat.supportedLocalesOf([l]), new Intl.NumberFormat(new Intl.Locale(l)).format(1234.5)]',
  'segments': '[...new Intl.Segmenter(l, { granularity: "word" }).segment("Hallo, 世界! 👩‍👩‍👧")]',
};

describe('dates and numbers are formatted like in Node', () => {
  it.each(Object.entries(formats))('%s', async (_, expression) => {
    const source = `(() => { const dates = ${JSON.stringify(dates)}; return ${JSON.stringify(locales)}.map((l) => (${expression})); })()`;
    const expected = JSON.stringify(new vm.Script(source).runInThisContext());
    const result = await sandbox.run(`return ${source};`, { namespaces: {}, call: async () => undefined, timeoutMs: 20_000, memoryMb: 128 });
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.value).toEqual(JSON.parse(expected));
  });

  it('and without a locale or a time zone the same on every machine: en-US and UTC', async () => {
    const script = 'return [(1234.5).toLocaleString(), new Date(0).toLocaleString(), new Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).getTimezoneOffset(), new Date(0).getHours()];';
    const result = await sandbox.run(script, { namespaces: {}, call: async () => undefined, timeoutMs: 20_000, memoryMb: 128 });
    expect(result).toMatchObject({ ok: true, value: ['1,234.5', new Date(0).toLocaleString('en-US', { timeZone: 'UTC' }), 'UTC', 0, 0] });
  });

  it('as plain text, in UTC', async () => {
    const result = await sandbox.run('const d = new Date(951_782_400_000); return [String(d), `${d}`, d.toTimeString(), Date.parse(String(d)) === d.getTime(), String(new Date(NaN))];', { namespaces: {}, call: async () => undefined, timeoutMs: 20_000, memoryMb: 128 });
    const text = 'Tue Feb 29 2000 00:00:00 GMT+0000 (Coordinated Universal Time)';
    expect(result).toMatchObject({ ok: true, value: [text, text, '00:00:00 GMT+0000 (Coordinated Universal Time)', true, 'Invalid Date'] });
  });
});
