import type { Obstacle, PanelCommand } from '../../../src/views/panel/protocol.js';
import { Icon } from './icon.js';
import { send } from './host.js';

/** What stands where no run is: what this is for and what to do next. */
export function Empty({ obstacle }: { readonly obstacle?: Obstacle }) {
  if (obstacle === 'untrusted') {
    return (
      <Message icon="workspace-untrusted" title="This workspace is not trusted yet" text="Scripts, built-in tools and MCP servers stay off until you trust it.">
        <Action command="workbench.trust.manage" label="Manage Workspace Trust" primary />
      </Message>
    );
  }
  if (obstacle === 'noFolder') {
    return (
      <Message icon="folder-opened" title="No folder is open" text="Scripts read, edit and commit in the folders of the workspace. Open one to begin.">
        <Action command="workbench.action.files.openFolder" label="Open Folder" primary />
      </Message>
    );
  }
  return (
    <Message icon="code" title="Ask for something that takes several steps" text="The assistant answers with one script. You see here what it may reach, every call it makes, and every change before it happens.">
      <Action command="codemode.askInChat" label="Ask @codemode in Chat" primary />
      <Action command="codemode.newScript" label="New Script" />
      <Action command="codemode.inspectApi" label="Inspect API" />
    </Message>
  );
}

function Message({ icon, title, text, children }: { readonly icon: string; readonly title: string; readonly text: string; readonly children: preact.ComponentChildren }) {
  return (
    <section class="empty">
      <Icon name={icon} class="big" />
      <h1>{title}</h1>
      <p>{text}</p>
      <div class="stack">{children}</div>
    </section>
  );
}

function Action({ command, label, primary }: { readonly command: PanelCommand; readonly label: string; readonly primary?: boolean }) {
  return (
    <button type="button" class={`button wide${primary === true ? ' primary' : ''}`} onClick={() => send({ type: 'command', command })}>
      {label}
    </button>
  );
}
