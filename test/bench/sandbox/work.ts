/** Work a script does with data, as source that runs the same in Node and in a sandbox; each ends with a number. */
export const prepareData = `
  const items = [];
  for (let i = 0; i < 30000; i++) items.push({ id: i, name: 'item' + (i * 7919 % 30011), tags: ['a', 'b', String(i % 7)], score: (i * 31 % 1009) / 7, text: 'x'.repeat(30) });
  const json = JSON.stringify(items);
`;

export const cpuWork: Readonly<Record<string, string>> = {
  'JSON.parse of 3 MB': 'return JSON.parse(json).length;',
  'filter, map and two sorts of 30,000': `
    const found = items.filter((item) => item.id % 3 !== 0).map((item) => ({ name: item.name, score: item.score * 2 }));
    return found.sort((a, b) => a.score - b.score).slice().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).length;`,
  'two regular expressions over 3 MB': 'return (json.match(/"name":"(item\\d+5)"/g) ?? []).length + (json.match(/[a-z]+":\\d+\\.\\d+/g) ?? []).length;',
};
