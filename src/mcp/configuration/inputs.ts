import { createHash } from 'node:crypto';
import type { Questions, Secrets } from '../ports.js';
import type { InputDefinition } from './definition.js';

/** Where the answer to an input is kept. */
function inputKey(file: string, id: string): string {
  return `mcp.input.${createHash('sha256').update(file).digest('hex').slice(0, 16)}.${id}`;
}

/** Answers to `inputs` of configuration files: each is asked once, whoever needs it, and kept with the secrets. */
export class Inputs {
  private readonly asking = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly secrets: Secrets,
    private readonly questions: Questions,
  ) {}

  /** `undefined` when nothing was answered; asked again the next time. */
  get(file: string, input: InputDefinition): Promise<string | undefined> {
    const key = inputKey(file, input.id);
    const under = this.asking.get(key);
    if (under !== undefined) return under;
    const answer = this.read(key, input).finally(() => this.asking.delete(key));
    this.asking.set(key, answer);
    return answer;
  }

  forget(file: string, id: string): Promise<void> {
    return this.secrets.delete(inputKey(file, id));
  }

  private async read(key: string, input: InputDefinition): Promise<string | undefined> {
    const known = await this.secrets.get(key);
    if (known !== undefined) return known;
    const { type: kind, ...request } = input;
    const value = await this.questions.input({ ...request, kind });
    if (value !== undefined) await this.secrets.set(key, value);
    return value;
  }
}
