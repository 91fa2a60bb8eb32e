/** What a created pod shows of the webhook that was asked. */
export const MARKS = { bare: '"bare":"asked"', ours: '"name":"logtail"' } as const;
