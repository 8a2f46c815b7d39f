/** Values that flags take, besides those of the configuration. Help and checks read the same lists; nothing else is loaded for them. */
export const STEPS = ['implement', 'build', 'test', 'review', 'fix', 'commit', 'merge'] as const
export const REVIEW_FORMATS = ['text', 'json', 'sarif', 'github'] as const
