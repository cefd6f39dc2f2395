import type { PageFacts, RunCommand } from '../../../src/views/panel/protocol.js';
import type { RunTrace } from '../../../src/views/panel/trace.js';
import { many } from './many.js';
import { Icon } from './icon.js';
import { send } from './host.js';

interface PageHeadProps {
  readonly trace: RunTrace;
  readonly page: PageFacts;
  readonly over: boolean;
  /** Begins a walk; left out where there is nothing to walk through, or a walk is under way. */
  readonly onWalk?: () => void;
}

const origins = { chat: 'from chat', agent: 'from agent mode', palette: 'from the command palette', mcp: 'from another MCP client', script: 'a saved script', headless: 'from the terminal' } as const;

/** Who started a run and when, what is wrong with its record, and what can be done with it. */
export function PageHead({ trace, page, over, onWalk }: PageHeadProps) {
  const { replay } = page;
  const failed = trace.calls.filter((call) => call.state === 'failed' || call.state === 'unknown').length;
  const facts = [
    ...(trace.createdAt === 0 ? [] : [new Date(trace.createdAt).toLocaleString()]),
    ...(trace.origin === undefined ? [] : [origins[trace.origin]]),
    many(trace.calls.length, 'call'),
    ...(failed > 0 ? [`${failed.toLocaleString('en')} failed`] : []),
    ...(trace.resumed ? ['resumed after an interruption'] : []),
  ];
  return (
    <>
      {replay === undefined && <p class="why">{facts.join(' · ')}</p>}
      {page.damage !== undefined && (
        <p class="why">
          <Icon name="warning" /> The record of this run is not whole. {page.damage}
        </p>
      )}
      {replay?.verdict?.details.map((detail) => (
        <p class="why" key={detail}>
          {detail}
        </p>
      ))}
      <div class="buttons page-actions">
        {replay === undefined ? <RunActions trace={trace} page={page} over={over} /> : replay.comparable && <Compare />}
        {onWalk !== undefined && (
          <button type="button" class="button" onClick={onWalk}>
            <Icon name="debug-step-over" /> Walk Through Calls
          </button>
        )}
      </div>
    </>
  );
}

function Compare() {
  return (
    <button type="button" class="button primary" onClick={() => send({ type: 'compare' })}>
      <Icon name="git-compare" /> Compare Arguments
    </button>
  );
}

function RunActions({ trace, page, over }: Omit<PageHeadProps, 'onWalk'>) {
  const action = (command: RunCommand, icon: string, label: string, primary = false) => (
    <button type="button" class={primary ? 'button primary' : 'button'} onClick={() => send({ type: 'runCommand', run: trace.id, command })}>
      <Icon name={icon} /> {label}
    </button>
  );
  return (
    <>
      {page.asking && action('showApprovals', 'bell-dot', 'Show Approvals', true)}
      {over && trace.outcome === undefined && trace.title !== '' && action('resumeRun', 'debug-continue', 'Resume', true)}
      {over && trace.started && action('replayRun', 'debug-restart', 'Replay')}
      {over && trace.started && action('replayWithActiveScript', 'git-compare', 'Replay With Active Script')}
      {trace.next > 0 && action('exportRun', 'save-as', 'Export')}
    </>
  );
}
