import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../../json.js';
import { createValidator } from '../../typings/validation/validate.js';

/** One property of a form a server asks for (MCP 2025-11-25, Elicitation, requested schema). */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly schema: JsonObject;
  /** What it is chosen from, where it is a choice. */
  readonly choices?: readonly Choice[];
  /** Several of the choices may be taken. */
  readonly several: boolean;
}

export interface Choice {
  readonly label: string;
  readonly value: JsonValue;
}

export function fieldsOf(schema: JsonObject): readonly Field[] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? (schema.required as readonly JsonValue[]) : [];
  return Object.entries(properties).map(([name, value]) => {
    const property = isJsonObject(value) ? value : {};
    const choices = choicesOf(property);
    return {
      name,
      title: typeof property.title === 'string' ? property.title : name,
      ...(typeof property.description === 'string' ? { description: property.description } : {}),
      required: required.includes(name),
      schema: property,
      ...(choices === undefined ? {} : { choices }),
      several: property.type === 'array',
    };
  });
}

/** Booleans, `enum` (with the `enumNames` of earlier protocols), `oneOf` or `anyOf` of constants, and lists of those. */
function choicesOf(property: JsonObject): readonly Choice[] | undefined {
  if (property.type === 'boolean') return [{ label: 'Yes', value: true }, { label: 'No', value: false }];
  const schema = property.type === 'array' ? property.items : property;
  if (!isJsonObject(schema)) return undefined;
  const names = Array.isArray(schema.enumNames) ? (schema.enumNames as readonly JsonValue[]) : [];
  if (Array.isArray(schema.enum)) return (schema.enum as readonly JsonValue[]).map((value, index) => ({ label: textOf(names[index] ?? value), value }));
  const titled = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(titled)) return undefined;
  return (titled as readonly JsonValue[]).flatMap((each) => (isJsonObject(each) && each.const !== undefined ? [{ label: textOf(each.title ?? each.const), value: each.const }] : []));
}

/** The answers as the form opens: what the server proposes, where that is one a person could give. */
export function proposed(fields: readonly Field[]): Map<string, JsonValue> {
  return new Map(fields.flatMap(({ name, schema }) => (schema.default !== undefined && createValidator(schema)(schema.default).length === 0 ? [[name, schema.default] as const] : [])));
}

/** An answer in a person's words. */
export function shown({ choices }: Field, value: JsonValue): string {
  const label = (one: JsonValue): string => choices?.find((choice) => choice.value === one)?.label ?? textOf(one);
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(label).join(', ') || 'none' : label(value);
}

/** What was typed, as the value it stands for; undefined where it stands for none. */
export function typedValue({ schema }: Field, input: string): JsonValue | undefined {
  if (schema.type !== 'number' && schema.type !== 'integer') return input;
  const text = input.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** What keeps typed text from being accepted, in the words of the person who types it. */
export function problemOfText(field: Field, input: string): string | undefined {
  if (input === '') return field.required && !isEmptyAllowed(field) ? `${field.title} is needed.` : undefined;
  const value = typedValue(field, input);
  if (value === undefined) return field.schema.type === 'integer' ? 'Expected a whole number.' : 'Expected a number.';
  if (field.schema.type === 'integer' && !Number.isInteger(value)) return 'Expected a whole number.';
  return problemOf(field, value) ?? (typeof value === 'string' ? problemOfFormat(field.schema.format, value) : undefined);
}

/** What keeps a value from being accepted: its type, its bounds, its pattern (where that is safe to try). */
export function problemOf({ schema }: Field, value: JsonValue): string | undefined {
  // Titles and choices are judged where they are shown; what is wrong with a single value is a short sentence.
  const rules: JsonSchema = { ...schema, $schema: 'https://json-schema.org/draft/2020-12/schema' };
  const [problem] = createValidator(rules)(value);
  if (problem === undefined) return undefined;
  const message = problem.message.replace(/, got [^]*$/, '');
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function isEmptyAllowed({ schema }: Field): boolean {
  return schema.type === 'string' && schema.minLength === 0;
}

function problemOfFormat(format: JsonValue | undefined, input: string): string | undefined {
  switch (format) {
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(input) ? undefined : 'Expected an e-mail address.';
    case 'uri':
      return /^[a-z][a-z0-9+.-]*:\S+$/i.test(input) && URL.canParse(input) ? undefined : 'Expected an address such as https://example.com.';
    case 'date':
      return isDate(input) ? undefined : 'Expected a date such as 2026-01-31.';
    case 'date-time':
      return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(input) && isDate(input.slice(0, 10)) && !Number.isNaN(Date.parse(input)) ? undefined : 'Expected a date and time such as 2026-01-31T12:00:00Z.';
    default:
      return undefined;
  }
}

/** A day that is in the calendar. */
function isDate(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
