/** Work a script does with data, as source that runs the same in Node and in a sandbox; each ends with a number. */
export const prepareData = `
  const items = [];
  for (let i = 0; i < 10000; i++) items.push({ id: i, name: 'item' + (i * 7919 % 10007), tags: ['a', 'b', String(i % 7)], score: (i * 31 % 1009) / 7, text: 'x'.repeat(60) });
  const json = JSON.stringify(items);
`;

export const cpuWork: Readonly<Record<string, string>> = {
  'JSON.parse': 'return JSON.parse(json).length;',
  filter: 'let n = 0; for (let k = 0; k < 10; k++) n += items.filter((item) => item.id % 3 !== k % 3).map((item) => ({ name: item.name, score: item.score * 2 })).length; return n;',
  sort: 'return items.slice().sort((a, b) => a.score - b.score).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).length;',
  regex: 'return (json.match(/"name":"(item\\d+5)"/g) ?? []).length + (json.match(/[a-z]+":\\d+\\.\\d+/g) ?? []).length;',
};
