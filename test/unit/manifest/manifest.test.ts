import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runOrigins } from '../../../src/runs/events.js';
import { defaultRunLimits, limitSettings, limitsFrom } from '../../../src/runs/limits.js';
import { readRules } from '../../../src/runs/policy/readRules.js';
import { sourceText } from './sourceText.js';

interface Setting {
  readonly default: unknown;
  readonly scope?: string;
  readonly order?: number;
  readonly markdownDescription?: string;
  readonly items?: { readonly properties: Readonly<Record<string, { readonly enum?: readonly string[]; readonly anyOf?: readonly { readonly enum?: readonly string[]; readonly items?: { readonly enum?: readonly string[] } }[] }>> };
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: readonly { readonly order: number; readonly properties: Readonly<Record<string, Setting>> }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly keybindings: readonly { readonly command: string; readonly key: string; readonly mac: string; readonly when?: string }[];
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text) as Manifest;
const words = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Readonly<Record<string, string>>;
const { commands, configuration, menus, keybindings } = manifest.contributes;
const settings = Object.assign({}, ...configuration.map(({ properties }) => properties)) as Readonly<Record<string, Setting>>;

describe('the manifest', () => {
  test('takes every text from package.nls.json, which holds no other', () => {
    const used = [...text.matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key);
    expect(used.filter((key) => words[key!] === undefined)).toEqual([]);
    expect(Object.keys(words).filter((key) => !used.includes(key))).toEqual([]);
  });

  test('writes the titles of commands in title case', () => {
    const small = ['a', 'an', 'as', 'for', 'in', 'of', 'or', 'to'];
    const titles = commands.map(({ title }) => words[title.slice(1, -1)] ?? title);
    expect(titles.filter((title) => title.split(' ').some((word, at) => !/^[A-Z]/.test(word) && (at === 0 || !small.includes(word))))).toEqual([]);
  });

  test('describes every setting, with a scope and a place of its own', () => {
    for (const { properties } of configuration) {
      const orders = Object.values(properties).map(({ order }) => order);
      expect(orders).toEqual(orders.map((_, at) => at + 1));
    }
    expect(configuration.map(({ order }) => order)).toEqual(configuration.map((_, at) => at + 1));
    expect(Object.entries(settings).filter(([, { scope, markdownDescription, default: value }]) => scope === undefined || markdownDescription === undefined || value === undefined)).toEqual([]);
  });

  test('names in menus, keys and restricted settings only what there is', () => {
    const known = new Set(commands.map(({ command }) => command));
    expect([...Object.values(menus).flat(), ...keybindings].map(({ command }) => command).filter((command) => !known.has(command))).toEqual([]);
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.filter((name) => settings[name] === undefined)).toEqual([]);
  });

  test('looks at no context of ours that nobody sets, and none is set that nobody looks at', () => {
    const whens = [...Object.values(menus).flat(), ...keybindings].flatMap(({ when }) => (when === undefined ? [] : [when.replace(/view == codemode\.\w+/g, '')]));
    const asked = new Set(whens.flatMap((when) => [...when.matchAll(/\bcodemode\.\w+/g)].map(([name]) => name)));
    const set = new Set([...sourceText().matchAll(/'setContext', '(codemode\.\w+)'/g)].map(([, name]) => name!));
    expect([...asked].sort()).toEqual([...set].sort());
  });

  test('takes no key that VS Code has for its chat or its developer tools', () => {
    const taken = ['ctrl+alt+i', 'ctrl+cmd+i', 'cmd+alt+i'];
    expect(keybindings.flatMap(({ key, mac }) => [key, mac]).filter((keys) => taken.includes(keys.split(' ')[0]!))).toEqual([]);
  });
});

describe('settings', () => {
  test('know every origin of a run, and so do rules', () => {
    const [one, several] = settings['codemode.policy.rules']!.items!.properties['origin']!.anyOf!;
    expect(one!.enum).toEqual(runOrigins);
    expect(several!.items!.enum).toEqual(runOrigins);
    const rules = runOrigins.map((origin) => ({ effect: 'deny', origin }));
    expect(readRules(rules, 'user')).toEqual({ rules: rules.map(({ effect, origin }) => ({ effect, origin: [origin] })), problems: [] });
  });

  test('have the limits of a run as their defaults', () => {
    const named = Object.entries(settings).flatMap(([name, setting]) => (name.startsWith('codemode.limits.') ? [[name.slice('codemode.limits.'.length), setting.default as number]] : []));
    expect(named.map(([name]) => name).sort()).toEqual(Object.keys(limitSettings).sort());
    expect(limitsFrom(Object.fromEntries(named) as Record<string, number>)).toEqual(defaultRunLimits);
  });
});
