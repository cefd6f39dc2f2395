import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Options and page of the panel: nothing but our own script and style, no network, no inline code; pictures and sounds come as messages. */
export function panelOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist', 'webview')] };
}

/** @param place a view of the side bar, or a page among the editors */
export function panelHtml(webview: vscode.Webview, extension: vscode.Uri, place: 'view' | 'page'): string {
  const nonce = randomBytes(18).toString('base64');
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'webview', name)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource} data:`,
    `script-src 'nonce-${nonce}'`,
    'img-src data:',
    'media-src data:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${place === 'page' ? 'Run' : 'Approvals &amp; Runs'}</title>
<link rel="stylesheet" href="${file('panel.css')}">
</head>
<body data-place="${place}">
<div id="root"></div>
<script nonce="${nonce}" src="${file('panel.js')}"></script>
</body>
</html>`;
}
