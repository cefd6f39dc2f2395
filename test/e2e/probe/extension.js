// Runs functions of a test against `vscode`: on loopback, for whoever can read the file that holds address and secret.
const { randomBytes } = require('node:crypto');
const { writeFileSync } = require('node:fs');
const http = require('node:http');
const vscode = require('vscode');

exports.activate = (context) => {
  const file = process.env.CODE_MODE_PROBE;
  if (!file) return;
  const secret = randomBytes(16).toString('hex');
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const reply = (status, value) => {
      response.statusCode = status;
      response.end(JSON.stringify(value ?? null));
    };
    if (request.headers.authorization !== secret) return reply(403, 'wrong secret');
    try {
      const { source, args } = JSON.parse(body);
      reply(200, await new Function('vscode', 'args', `return (${source})(vscode, ...args)`)(vscode, args));
    } catch (error) {
      reply(500, error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    }
  });
  server.listen(0, '127.0.0.1', () => writeFileSync(file, JSON.stringify({ port: server.address().port, secret }), { mode: 0o600 }));
  context.subscriptions.push({ dispose: () => server.close() });
};
