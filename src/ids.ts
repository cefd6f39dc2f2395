/** Identifiers that the compiler keeps apart. All are opaque, unique strings. */
type Id<Kind extends string> = string & { readonly __id: Kind };

export type RunId = Id<'run'>;
/** Unique inside its run. */
export type CallId = Id<'call'>;
export type QuestionId = Id<'question'>;
export type ChangeSetId = Id<'changeSet'>;
/** A chat conversation, or one palette run: whoever shares it shares staged edits. */
export type ConversationId = Id<'conversation'>;
