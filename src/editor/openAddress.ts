import * as vscode from 'vscode';

/**
 * Opens a web page in the browser, at exactly this address. A `Uri` loses which characters of a query were encoded, so
 * an address within an address (`redirect_uri=…%26…`) would end at its first `&`; the text of an address is taken as it
 * stands, though its type does not say so (microsoft/vscode#85930).
 */
export async function openAddress(address: string): Promise<boolean> {
  return vscode.env.openExternal(address as unknown as vscode.Uri);
}
